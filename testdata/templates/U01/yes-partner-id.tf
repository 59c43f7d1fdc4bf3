provider "azurerm" {
  features {}
  partner_id = var.partner
}

variable "partner" {
  type    = string
  default = "3d1f8a52-6c07-4b9e-8f24-a0c5e7d91b36"
}
