# expect: L06 L08 L13 L17
locals {
  tracking = "pid-3d1f8a52-6c07-4b9e-8f24-a0c5e7d91b36"
}

variable "telemetry" {
  type    = bool
  default = true
}

resource "azurerm_subscription_template_deployment" "tracking" {
  count            = var.telemetry ? 1 : 0
  name             = "${local.tracking}_1.0"
  location         = var.location
  template_content = jsonencode({
    "$schema"      = "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#"
    contentVersion = "1.0.0.0"
    resources      = []
  })
}
