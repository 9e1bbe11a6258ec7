@description('Name of the registry.')
@minLength(5)
param name string

@description('Region of the registry.')
param location string

@description('Tags of the registry.')
param tags object

@description('Tier of the registry. Premium streams large images, which shortens cold starts. It costs ten times as much as Basic.')
@allowed(['Basic', 'Standard', 'Premium'])
param tier string

resource registry 'Microsoft.ContainerRegistry/registries@2025-04-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: tier }
  properties: {
    adminUserEnabled: false
    anonymousPullEnabled: false
    publicNetworkAccess: 'Enabled'
  }
}

@description('Address of the registry.')
output loginServer string = registry.properties.loginServer
