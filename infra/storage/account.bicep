@description('Name of the account.')
param name string

@description('Region of the account.')
param location string

@description('Tags of the account.')
param tags object

@description('How often the account keeps each byte, and where.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param redundancy string

@description('Whether only the virtual network reaches it.')
param isPrivate bool

@description('Its containers.')
param containers string[]

@description('Its queues.')
param queues string[] = []

@description('Days for which a deleted container can be brought back; 0 for not at all.')
@minValue(0)
@maxValue(365)
param containerUndeleteDays int = 0

@description('What is deleted by age: name, prefix (container and more), days.')
param expiries { name: string, prefix: string, days: int }[] = []

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: redundancy }
  kind: 'StorageV2'
  properties: {
    accessTier: 'Hot'
    // There are no keys: whoever comes has an identity, and a role.
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      // Azure's own services with an identity and a role, such as Event Grid, come in all the same.
      bypass: 'AzureServices'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      // What is deleted is gone. Earlier versions and soft-deleted blobs would keep the faces of somebody who was deleted.
      isVersioningEnabled: false
      deleteRetentionPolicy: { enabled: false }
      changeFeed: { enabled: false }
      // This one only helps whoever deletes a whole container by mistake: it comes back as it was, without those deleted before.
      containerDeleteRetentionPolicy: containerUndeleteDays == 0 ? { enabled: false } : { enabled: true, days: max(containerUndeleteDays, 1) }
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
