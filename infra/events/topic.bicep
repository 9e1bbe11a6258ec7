@description('Region of the topic: that of the account.')
param location string

@description('Tags of the topic.')
param tags object

@description('Suffix of the name of the topic.')
param suffix string

@description('Id of the account with the uploads.')
param accountId string

@description('Id of the identity that stores events that cannot be delivered.')
param identityId string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'evgt-${suffix}'
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    source: accountId
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

@description('Name of the topic.')
output name string = topic.name
