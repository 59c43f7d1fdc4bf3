// What pidledger needs of one subscription, for those who deploy with Bicep: the same template as pidledger.json, as a module.
targetScope = 'subscription'

@description('Object id of the identity that pidledger runs as')
param principalId string

@description('What that identity is; a managed identity is a ServicePrincipal')
@allowed(['ServicePrincipal', 'Group', 'User'])
param principalType string = 'ServicePrincipal'

@description('Region of the storage account')
param location string = deployment().location

@description('Resource group of the storage account; made when it is not there')
param resourceGroupName string = 'rg-pidledger'

@description('Storage account; made, or brought to the settings of this template')
@minLength(3)
@maxLength(24)
param storageAccountName string = 'pidledger${uniqueString(subscription().id)}'

@description('Version of FOCUS that the exports have')
@allowed(['1.0r2', '1.2-preview'])
param focusVersion string = '1.0r2'

@description('When the exports begin; in the future')
param start string = dateTimeAdd(utcNow(), 'P1D', 'yyyy-MM-ddT00:00:00Z')

module setup 'pidledger.json' = {
  name: 'pidledger-setup'
  params: {
    principalId: principalId
    principalType: principalType
    location: location
    resourceGroupName: resourceGroupName
    storageAccountName: storageAccountName
    focusVersion: focusVersion
    start: start
  }
}

output costSource string = setup.outputs.costSource
output activitySource string = setup.outputs.activitySource
