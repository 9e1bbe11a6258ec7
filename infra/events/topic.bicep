@description('Region of the topic: that of the account.')
param location string

@description('Tags of the topic.')
param tags object

@description('What the name of the topic ends in.')
param suffix string

@description('Id of the account whose events it has.')
param accountId string

@description('Id of the identity that puts events away that cannot be delivered.')
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
