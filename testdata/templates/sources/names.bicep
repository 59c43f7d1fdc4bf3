// expect: L06 L13 L14
import { partnerId, pidName as named } from 'gone.bicep'
import * as ids from 'gone.bicep'
func pid(id string, more { a: int }?) string => 'pid-${id}'
var text = json(loadTextContent('gone.json'))
var list = loadYamlContent('gone.yaml', 'ids')
var names = [for (x, i) in [ '3d1f8a52-6c07-4b9e-8f24-a0c5e7d91b36' ]: { ...text, id: pid(x, null) }]
resource tracking 'Microsoft.Resources/deployments@2022-09-01' = [for (n, i) in names: if (i < 1) {
  name: n.id
  properties: {
    mode: 'Incremental'
    template: {
      '$schema': 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#'
      contentVersion: '1.0.0.0'
      resources: {}
    }
  }
}]
module other 'gone.bicep' = {
  name: 'pid-${ids.partnerId}'
}
