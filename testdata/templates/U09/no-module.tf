terraform {
  required_providers {
    azurerm = {
      source                = "hashicorp/azurerm"
      configuration_aliases = [azurerm.hub]
    }
  }
}

resource "azurerm_resource_group" "app" {
  name     = "app"
  location = "westeurope"
}
