# expect: L06 L08 L24 U01
/* Syntax that
   must be passed or followed. */
terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "~> 4.0" }
  }
}
locals {
  ids     = { tracking = "3d1f8a52-6c07-4b9e-8f24-a0c5e7d91b36" }
  names   = [for k, v in local.ids : upper(v) if v != ""]
  by_name = { for k, v in local.ids : v => k... if k != "" }
  all     = values(local.ids)[*]
  name    = format("pid-%s_%s", lower(local.ids.tracking), join("-", ["a", "b"]))
  text    = "escaped $${x} \"quoted\" ${local.all[0]}"
  after   = 1 > 2 ? "a" : "b"
}
locals {
  broken = ( ]
}
resource "azurerm_template_deployment" "tracking" {
  name            = local.name
  deployment_mode = "Incremental"
  template_body   = <<-JSON
    { "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0", "resources": [] }
    JSON
  dynamic "block" {
    for_each = local.names
    content {
      x = block.value
    }
  }
}
provider "azurerm" {
  alias = "second"
  features {}
  partner_id = local.ids["tracking"]
}
