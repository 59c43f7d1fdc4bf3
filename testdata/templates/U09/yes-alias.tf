provider "azapi" {
  partner_id = "3d1f8a52-6c07-4b9e-8f24-a0c5e7d91b36"
}

provider "azapi" {
  alias = "hub"
}
