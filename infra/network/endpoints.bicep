@description('Region of the endpoints.')
param location string

@description('Tags of the endpoints.')
param tags object

@description('Subnet of the endpoints.')
param subnetId string

@description('Id of the account behind the endpoints.')
param accountId string

@description('Name of that account.')
param accountName string

@description('Ids of the DNS zones: blob and queue.')
param zoneIds object

var services = ['blob', 'queue']

resource endpoints 'Microsoft.Network/privateEndpoints@2024-07-01' = [for service in services: {
  name: 'pe-${accountName}-${service}'
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      { name: service, properties: { privateLinkServiceId: accountId, groupIds: [service] } }
    ]
  }
}]

resource names 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-07-01' = [for (service, i) in services: {
  parent: endpoints[i]
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [{ name: service, properties: { privateDnsZoneId: zoneIds[service] } }]
  }
}]
