@description('Principal ids of the identities: functions, worker, trainer, events; and user.')
param principals object

@description('Whether there is a user.')
param hasUser bool

@description('Name of the storage account with the data.')
param dataAccountName string

@description('Name of the storage account of the Functions host.')
param hostAccountName string

@description('Name of the container registry.')
param registryName string

@description('Name of Application Insights.')
param insightsName string

// These lists hold all roles; nobody else has access. docs/azure.md shows them, and a test compares the two.
var onContainers = [
  { who: 'functions', name: 'uploads', role: 'Storage Blob Data Contributor' }
  { who: 'functions', name: 'results', role: 'Storage Blob Data Contributor' }
  { who: 'worker', name: 'uploads', role: 'Storage Blob Data Contributor' }
  { who: 'worker', name: 'results', role: 'Storage Blob Data Contributor' }
  { who: 'worker', name: 'galleries', role: 'Storage Blob Data Contributor' }
  { who: 'worker', name: 'models', role: 'Storage Blob Data Reader' }
  { who: 'worker', name: 'training', role: 'Storage Blob Data Reader' }
  { who: 'trainer', name: 'results', role: 'Storage Blob Data Contributor' }
  { who: 'trainer', name: 'models', role: 'Storage Blob Data Contributor' }
  { who: 'trainer', name: 'training', role: 'Storage Blob Data Reader' }
]
var onQueues = [
  { who: 'functions', name: 'face-batches', role: 'Storage Queue Data Contributor' }
  { who: 'functions', name: 'face-batches-poison', role: 'Storage Queue Data Reader' }
  { who: 'functions', name: 'enrolments', role: 'Storage Queue Data Contributor' }
  { who: 'functions', name: 'enrolments-poison', role: 'Storage Queue Data Contributor' }
  { who: 'functions', name: 'enrolments-checked', role: 'Storage Queue Data Contributor' }
  { who: 'functions', name: 'enrolments-checked-poison', role: 'Storage Queue Data Reader' }
  { who: 'functions', name: 'retraining', role: 'Storage Queue Data Contributor' }
  { who: 'functions', name: 'retraining-poison', role: 'Storage Queue Data Reader' }
  { who: 'functions', name: 'webjobs-blobtrigger-poison', role: 'Storage Queue Data Contributor' }
  { who: 'worker', name: 'face-batches', role: 'Storage Queue Data Contributor' }
  { who: 'worker', name: 'face-batches-poison', role: 'Storage Queue Data Contributor' }
  { who: 'worker', name: 'enrolments', role: 'Storage Queue Data Contributor' }
  { who: 'worker', name: 'enrolments-poison', role: 'Storage Queue Data Contributor' }
  { who: 'worker', name: 'enrolments-checked', role: 'Storage Queue Data Contributor' }
  { who: 'worker', name: 'enrolments-checked-poison', role: 'Storage Queue Data Contributor' }
  { who: 'worker', name: 'retraining', role: 'Storage Queue Data Reader' }
  { who: 'worker', name: 'retraining-poison', role: 'Storage Queue Data Reader' }
  { who: 'trainer', name: 'retraining', role: 'Storage Queue Data Contributor' }
  { who: 'trainer', name: 'retraining-poison', role: 'Storage Queue Data Contributor' }
]
// The person who deploys, if there is one, may upload, enqueue and look.
var onDataAccount = [
  { who: 'user', role: 'Storage Blob Data Contributor' }
  { who: 'user', role: 'Storage Queue Data Contributor' }
]
var onHostAccount = [
  { who: 'functions', role: 'Storage Blob Data Owner' }
  { who: 'functions', role: 'Storage Queue Data Contributor' }
]
var onUndeliveredEvents = [
  { who: 'events', role: 'Storage Blob Data Contributor' }
]
var onRegistry = [
  { who: 'worker', role: 'AcrPull' }
  { who: 'trainer', role: 'AcrPull' }
]
var onInsights = [
  { who: 'functions', role: 'Monitoring Metrics Publisher' }
  { who: 'worker', role: 'Monitoring Metrics Publisher' }
  { who: 'trainer', role: 'Monitoring Metrics Publisher' }
]

// Azure's built-in roles have the same ids everywhere.
var roleIds = {
  AcrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d'
  'Monitoring Metrics Publisher': '3913510d-42f4-4e42-8a64-420c390055eb'
  'Storage Blob Data Contributor': 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  'Storage Blob Data Owner': 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  'Storage Blob Data Reader': '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
  'Storage Queue Data Contributor': '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  'Storage Queue Data Reader': '19e7f393-937e-4f77-808e-94535e297925'
}

resource data 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: dataAccountName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource containers 'containers' existing = [for grant in onContainers: { name: grant.name }]
  }

  resource queues 'queueServices' existing = {
    name: 'default'

    resource all 'queues' existing = [for grant in onQueues: { name: grant.name }]
  }
}

resource host 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: hostAccountName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource undelivered 'containers' existing = { name: 'undelivered-events' }
  }
}

resource registry 'Microsoft.ContainerRegistry/registries@2025-04-01' existing = {
  name: registryName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource containerRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (grant, i) in onContainers: {
  name: guid(data::blobs::containers[i].id, grant.who, grant.role)
  scope: data::blobs::containers[i]
  properties: {
    principalId: principals[grant.who]
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds[grant.role])
  }
}]

resource queueRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (grant, i) in onQueues: {
  name: guid(data::queues::all[i].id, grant.who, grant.role)
  scope: data::queues::all[i]
  properties: {
    principalId: principals[grant.who]
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds[grant.role])
  }
}]

resource dataRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for grant in onDataAccount: if (hasUser) {
  name: guid(data.id, grant.who, grant.role)
  scope: data
  properties: {
    principalId: principals[grant.who]
    principalType: 'User'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds[grant.role])
  }
}]

resource hostRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for grant in onHostAccount: {
  name: guid(host.id, grant.who, grant.role)
  scope: host
  properties: {
    principalId: principals[grant.who]
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds[grant.role])
  }
}]

resource undeliveredRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for grant in onUndeliveredEvents: {
  name: guid(host::blobs::undelivered.id, grant.who, grant.role)
  scope: host::blobs::undelivered
  properties: {
    principalId: principals[grant.who]
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds[grant.role])
  }
}]

resource registryRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for grant in onRegistry: {
  name: guid(registry.id, grant.who, grant.role)
  scope: registry
  properties: {
    principalId: principals[grant.who]
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds[grant.role])
  }
}]

resource insightsRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for grant in onInsights: {
  name: guid(insights.id, grant.who, grant.role)
  scope: insights
  properties: {
    principalId: principals[grant.who]
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds[grant.role])
  }
}]
