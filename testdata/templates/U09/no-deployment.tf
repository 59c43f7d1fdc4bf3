provider "azurerm" {
  features {}
}

resource "azurerm_resource_group_template_deployment" "tracking" {
  name                = "pid-3d1f8a52-6c07-4b9e-8f24-a0c5e7d91b36"
  resource_group_name = "demo"
  deployment_mode     = "Incremental"
  template_content    = jsonencode({ resources = [] })
}
