provider "azurerm" {
  features {}
  partner_id = "pid-contoso-myoffer-partnercenter"
}
