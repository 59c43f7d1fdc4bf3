// expect: L06 L08 L13 L17
targetScope = 'subscription'

@description('Region of the deployment.')
param location string = deployment().location

@allowed([
  'dev'
  'prod'
])
param stage string = 'dev'
param telemetryOptOut bool = false

var trackingId = '3d1f8a52-6c07-4b9e-8f24-a0c5e7d91b36'
var settings = {
  name: 'contoso'
  sizes: [ 'S', 'M' ]
}

module tracking './tracking.bicep' = if (!telemetryOptOut) {
  #disable-next-line no-loc-expr-outside-params
  name: 'pid-${trackingId}-${uniqueString(location, deployment().name)}'
  params: {}
}

module network './network.bicep' = [for size in settings.sizes: {
  name: 'network-${size}-${stage}'
  params: {
    name: '${settings.name}-${toLower(size)}'
    tags: union(settings, { 'stage': stage })
  }
}]
