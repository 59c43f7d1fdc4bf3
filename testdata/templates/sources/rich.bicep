// expect: L05 L06 L08 L10 L13 L14 L15 L17
/* Syntax that
   must be passed or followed. */
metadata owner = 'contoso'
targetScope = 'managementGroup'
type size = 'S' | 'M'
param sizes size[] = [ 'S', 'M' ]
param settings { name: string, depth: int? } = { name: 'x' }
@maxLength(10)
param suffix string
param partnerId string = 'b7e2c914-05fa-4d38-9c61-2f84d06a7e15'
param enable bool
var script = '''
resource 'not' one
'''
var lower = map(sizes, s => toLower(s))
var pairs = toObject(sizes, (a, b) => a)
var first = settings.?depth ?? 3
var safe = pairs[?'S']!.x
var trackingId = enable
  ? '3d1f8a52-6c07-4b9e-8f24-a0c5e7d91b36'
  : '3d1f8a52-6c07-4b9e-8f24-a0c5e7d91b36'
var total = -1 + (2 * 3) % 4
var copies = [for (s, i) in sizes: { ...settings, name: '${s}\n\'${i}\'' }]
resource parent 'Contoso.App/parents@2024-01-01' = {
  name: 'parent'
  resource child 'children' = [for s in sizes: if (s != 'S') {
    name: s
  }]
}
resource tracking 'Microsoft.Resources/deployments@2022-09-01' = if (enable && length(sizes) > 1 || !contains(sizes, 'S')) {
  name: 'pid-${trackingId}-${uniqueString(deployment().location)}'
  scope: subscription()
  location: deployment().location
  properties: { mode: 'Incremental', template: { '$schema': 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#', contentVersion: '1.0.0.0', resources: [] } }
}
resource other 'Microsoft.Resources/deployments@2022-09-01' = {
  name: 'pid-${partnerId}_${suffix}'
  location: 'westeurope'
  properties: {
    mode: 'Incremental'
    template: {
      '$schema': 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#'
      contentVersion: '1.0.0.0'
      resources: []
    }
  }
}
resource bare 'Microsoft.Resources/deployments@2022-09-01' = {
  name: '5c0de3b1-9f47-4a26-b8d0-71e6f2a3948c'
  scope: tenant()
  location: 'westeurope'
  properties: { mode: 'Incremental', template: { '$schema': 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#', contentVersion: '1.0.0.0', resources: [] } }
}
