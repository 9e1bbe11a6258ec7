@description('Name of the account.')
param name string

@description('Region of the account.')
param location string

@description('Tags of the account.')
param tags object

@description('Redundancy of the account, such as Standard_ZRS.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param redundancy string

@description('Whether the account can be reached from the virtual network only.')
param isPrivate bool

@description('Its containers.')
param containers string[]

@description('Its queues.')
param queues string[] = []

@description('Days for which a deleted container can be brought back; 0 for not at all.')
@minValue(0)
@maxValue(365)
param containerUndeleteDays int = 0

@description('Rules that delete old blobs: name, prefix (container and more), age in days.')
param expiries { name: string, prefix: string, days: int }[] = []

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: redundancy }
  kind: 'StorageV2'
  properties: {
    accessTier: 'Hot'
    // Shared keys are off. A client needs an identity with a role.
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      // Azure's own services that have an identity and a role, such as Event Grid, have access from outside the network, too.
      bypass: 'AzureServices'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      // Deleted blobs must be gone. Earlier versions and soft-deleted blobs would keep the faces of deleted people.
      isVersioningEnabled: false
      deleteRetentionPolicy: { enabled: false }
      changeFeed: { enabled: false }
      // A container that was deleted by mistake can be restored. People who were deleted before stay deleted.
      containerDeleteRetentionPolicy: containerUndeleteDays == 0
        ? { enabled: false }
        : { enabled: true, days: max(containerUndeleteDays, 1) }
    }

    resource all 'containers' = [for container in containers: {
      name: container
      properties: { publicAccess: 'None' }
    }]
  }

  resource queueService 'queueServices' = {
    name: 'default'

    resource all 'queues' = [for queue in queues: { name: queue }]
  }

  resource lifecycle 'managementPolicies' = if (!empty(expiries)) {
    name: 'default'
    properties: {
      policy: {
        rules: [for expiry in expiries: {
          name: expiry.name
          type: 'Lifecycle'
          enabled: true
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: [expiry.prefix] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: expiry.days } } }
          }
        }]
      }
    }
    dependsOn: [blobs]
  }
}

@description('Id of the account.')
output id string = account.id

@description('Address of its blobs.')
output blobEndpoint string = account.properties.primaryEndpoints.blob

@description('Address of its queues.')
output queueEndpoint string = account.properties.primaryEndpoints.queue
