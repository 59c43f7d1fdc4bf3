param more object = {}
var head = {
  '$schema': 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#'
  contentVersion: '1.0.0.0'
}
resource tracking 'Microsoft.Resources/deployments@2022-09-01' = {
  name: 'pid-3d1f8a52-6c07-4b9e-8f24-a0c5e7d91b36'
  properties: {
    mode: 'Incremental'
    template: {
      ...head
      resources: {}
    }
    ...more
  }
}
