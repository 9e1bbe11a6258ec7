@description('Region of the identities.')
param location string

@description('Tags of the identities.')
param tags object

@description('Suffix of the names of resources.')
param suffix string

// Each program has an identity of its own, and so only the roles that it needs.
resource functions 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-functions-${suffix}'
  location: location
  tags: tags
}

resource worker 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-worker-${suffix}'
  location: location
  tags: tags
}

resource trainer 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-trainer-${suffix}'
  location: location
  tags: tags
}

// Event Grid uses this identity to store events that it could not deliver.
resource events 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-events-${suffix}'
  location: location
  tags: tags
}

@description('The resource id, client id and principal id of each identity.')
output identities object = {
  functions: { id: functions.id, clientId: functions.properties.clientId, principalId: functions.properties.principalId }
  worker: { id: worker.id, clientId: worker.properties.clientId, principalId: worker.properties.principalId }
  trainer: { id: trainer.id, clientId: trainer.properties.clientId, principalId: trainer.properties.principalId }
  events: { id: events.id, clientId: events.properties.clientId, principalId: events.properties.principalId }
}
