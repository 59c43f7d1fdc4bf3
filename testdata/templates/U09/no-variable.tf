variable "partner" {
  type = string
}

provider "azurerm" {
  features {}
  partner_id = var.partner
}
