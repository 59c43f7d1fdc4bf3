variable "partner" {
  type    = string
  default = null
}

provider "azurerm" {
  features {}
  partner_id = var.partner
}
