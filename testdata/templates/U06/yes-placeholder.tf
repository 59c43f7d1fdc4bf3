provider "azurerm" {
  features {}
  partner_id = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
}
