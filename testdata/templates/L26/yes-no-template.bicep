resource tracking 'Microsoft.Resources/deployments@2022-09-01' = {
  name: 'pid-3d1f8a52-6c07-4b9e-8f24-a0c5e7d91b36'
  properties: {
    mode: 'Incremental'
  }
}
