// expect: L01
param location string
resource store 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: 'store'
  location: location
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
}
