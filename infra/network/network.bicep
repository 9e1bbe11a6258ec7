@description('Region of the network.')
param location string

@description('Tags of the network.')
param tags object

@description('Suffix of the names of resources.')
param suffix string

resource network 'Microsoft.Network/virtualNetworks@2024-07-01' = {
  name: 'vnet-${suffix}'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['10.40.0.0/16'] }
    subnets: [
      {
        name: 'containers'
        properties: {
          addressPrefix: '10.40.0.0/23'
          delegations: [{ name: 'environments', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'functions'
        properties: {
          addressPrefix: '10.40.2.0/24'
          delegations: [{ name: 'environments', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'endpoints'
        properties: { addressPrefix: '10.40.3.0/24', privateEndpointNetworkPolicies: 'Enabled' }
      }
    ]
  }

  resource containers 'subnets' existing = { name: 'containers' }

  resource functions 'subnets' existing = { name: 'functions' }

  resource endpoints 'subnets' existing = { name: 'endpoints' }
}

// Within the network, these zones resolve the account's names to its private endpoints.
resource blobZone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: 'privatelink.blob.${environment().suffixes.storage}'
  location: 'global'
  tags: tags

  resource link 'virtualNetworkLinks' = {
    name: 'network'
    location: 'global'
    tags: tags
    properties: { registrationEnabled: false, virtualNetwork: { id: network.id } }
  }
}

resource queueZone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: 'privatelink.queue.${environment().suffixes.storage}'
  location: 'global'
  tags: tags

  resource link 'virtualNetworkLinks' = {
    name: 'network'
    location: 'global'
    tags: tags
    properties: { registrationEnabled: false, virtualNetwork: { id: network.id } }
  }
}

@description('Subnet of the Container Apps environment.')
output containersSubnetId string = network::containers.id

@description('Subnet of the Functions app.')
output functionsSubnetId string = network::functions.id

@description('Subnet of the private endpoints.')
output endpointsSubnetId string = network::endpoints.id

@description('Zones of the names of blobs and of queues.')
output zoneIds object = { blob: blobZone.id, queue: queueZone.id }
