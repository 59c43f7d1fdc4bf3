# expect: L18 U01
provider "azurerm" {
  features {}
  partner_id = "3d1f8a52-6c07-4b9e-8f24-a0c5e7d91b36"
}

resource "azurerm_resource_group_template_deployment" "app" {
  name                = "pid-3d1f8a52-6c07-4b9e-8f24-a0c5e7d91b36"
  resource_group_name = "demo"
  deployment_mode     = "Incremental"
  template_content    = <<JSON
  { "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0",
    "resources": [ { "type": "Microsoft.Network/virtualNetworks" } ] }
  JSON
}
