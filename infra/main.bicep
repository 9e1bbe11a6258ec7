targetScope = 'subscription'

@description('Name of the environment, from which the names of resources are made.')
@minLength(1)
@maxLength(32)
param environmentName string

@description('Region. A GPU needs a region with serverless GPUs of Container Apps, such as swedencentral, westus3 or australiaeast.')
@metadata({ azd: { type: 'location' } })
param location string

@description('The hardware of the workers: a T4, an A100, or processors only. A GPU needs quota; see docs/azure.md.')
@allowed(['T4', 'A100', 'Cpu'])
param compute string = 'T4'

@description('Image of the worker; empty before the first deployment. azd fills it in.')
param workerImage string = ''

@description('Image of the trainer; empty before the first deployment. azd fills it in.')
param trainerImage string = ''

@description('Object id of the person who may upload, enqueue and look; empty for nobody. azd fills in the person who deploys.')
param principalId string = ''

@description('Redundancy of the data. Zones survive the loss of a building; GRS and GZRS survive the loss of a region.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param redundancy string = 'Standard_ZRS'

@description('With Private, storage can be reached from a virtual network only, so uploads need a machine in that network.')
@allowed(['Public', 'Private'])
param networking string = 'Public'

@description('Days for which a batch (uploads and results) is kept after its last change; 0 for ever.')
@minValue(0)
param retentionDays int = 90

@description('Times at which old batches are removed: second minute hour day month weekday, UTC.')
param retentionSchedule string = '0 30 2 * * *'

@description('Times at which a retraining job is sent: second minute hour day month weekday, UTC.')
param retrainingSchedule string = '0 0 1 * * 0'

@description('Experiment of the scheduled retraining.')
param retrainingExperiment string = 'default'

@description('The start of the trainer: by a message in its queue, by a schedule of its own, or by hand only.')
@allowed(['Event', 'Schedule', 'Manual'])
param trainingTrigger string = 'Event'

@description('Longest time of a training, seconds. A training that is ended resumes from its last checkpoint at the next start.')
@minValue(600)
@maxValue(604800)
param trainingTimeoutSeconds int = 43200

@description('Fewest replicas of the worker. With 0, an idle service costs nothing, and the first upload waits for a cold start.')
@minValue(0)
param minWorkers int = 0

@description('Most replicas of the worker. It bounds the cost. `ipunet bench scaling` chose this and the next three; see docs/azure.md.')
@minValue(1)
param maxWorkers int = 4

@description('Messages for each replica.')
@minValue(1)
param messagesPerWorker int = 5000

@description('Seconds between two looks at the queues.')
@minValue(5)
param scalePollingSeconds int = 15

@description('Seconds for which the queues must be empty before the last replica stops.')
@minValue(30)
param scaleCooldownSeconds int = 60

@description('Most instances of the Functions app.')
@minValue(1)
@maxValue(1000)
param maxFunctionInstances int = 20

@description('Tier of the container registry. Premium streams images, which shortens cold starts.')
@allowed(['Basic', 'Standard', 'Premium'])
param registryTier string = 'Basic'

@description('Email address that gets the alerts; empty for none.')
param alertEmail string = ''

@description('Minutes that the oldest message may wait before there is an alert.')
@minValue(1)
param oldestMessageMinutes int = 30

@description('Days for which logs and metrics are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Most gigabytes of logs a day.')
@minValue(1)
param dailyLogGigabytes int = 2

@description('Tags for all resources.')
param tags object = {}

// The storage contract. A test compares them with the names in the program.
var containers = ['uploads', 'results', 'galleries', 'models', 'training']
var queues = [
  'face-batches'
  'face-batches-poison'
  'enrolments'
  'enrolments-poison'
  'enrolments-checked'
  'enrolments-checked-poison'
  'retraining'
  'retraining-poison'
  // The Functions host puts uploads here that it failed to handle each time. A function writes down the reason.
  'webjobs-blobtrigger-poison'
]

var packageContainer = 'packages'
var undeliveredContainer = 'undelivered-events'

var suffix = toLower(uniqueString(subscription().id, environmentName, location))
var dataAccountName = 'stdata${suffix}'
var hostAccountName = 'sthost${suffix}'
var registryName = 'cr${suffix}'
var insightsName = 'appi-${suffix}'
var allTags = union(tags, { 'azd-env-name': environmentName, application: 'ipunet' })
var isPrivate = networking == 'Private'
var machines = {
  T4: { profile: 'Consumption-GPU-NC8as-T4', device: 'cuda', cpu: '8', memory: '56Gi' }
  A100: { profile: 'Consumption-GPU-NC24-A100', device: 'cuda', cpu: '24', memory: '220Gi' }
  Cpu: { profile: '', device: 'cpu', cpu: '4', memory: '8Gi' }
}
var machine = machines[compute]

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: allTags
}

module identities 'access/identities.bicep' = {
  scope: group
  params: { location: location, tags: allTags, suffix: suffix }
}

module data 'storage/account.bicep' = {
  scope: group
  params: {
    name: dataAccountName
    location: location
    tags: allTags
    redundancy: redundancy
    isPrivate: isPrivate
    containers: containers
    queues: queues
    containerUndeleteDays: 7
  }
}

// The account of the Functions host: its program, locks and notes. It holds no personal data.
module host 'storage/account.bicep' = {
  scope: group
  params: {
    name: hostAccountName
    location: location
    tags: allTags
    redundancy: 'Standard_LRS'
    isPrivate: isPrivate
    containers: [packageContainer, undeliveredContainer]
    expiries: [
      { name: 'receipts', prefix: 'azure-webjobs-hosts/blobreceipts/', days: 14 }
      { name: 'undelivered', prefix: '${undeliveredContainer}/', days: 30 }
    ]
  }
}

module telemetry 'observe/telemetry.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    suffix: suffix
    insightsName: insightsName
    retentionDays: logRetentionDays
    dailyGigabytes: dailyLogGigabytes
  }
}

module registry 'app/registry.bicep' = {
  scope: group
  params: { name: registryName, location: location, tags: allTags, tier: registryTier }
}

module roles 'access/roles.bicep' = {
  scope: group
  params: {
    principals: {
      functions: identities.outputs.identities.functions.principalId
      worker: identities.outputs.identities.worker.principalId
      trainer: identities.outputs.identities.trainer.principalId
      events: identities.outputs.identities.events.principalId
      user: principalId
    }
    hasUser: !empty(principalId)
    dataAccountName: dataAccountName
    hostAccountName: hostAccountName
    registryName: registryName
    insightsName: insightsName
  }
  dependsOn: [data, host, registry, telemetry]
}

module network 'network/network.bicep' = if (isPrivate) {
  scope: group
  params: { location: location, tags: allTags, suffix: suffix }
}

module dataEndpoints 'network/endpoints.bicep' = if (isPrivate) {
  scope: group
  params: {
    location: location
    tags: allTags
    subnetId: network!.outputs.endpointsSubnetId
    accountId: data.outputs.id
    accountName: dataAccountName
    zoneIds: network!.outputs.zoneIds
  }
}

module hostEndpoints 'network/endpoints.bicep' = if (isPrivate) {
  scope: group
  params: {
    location: location
    tags: allTags
    subnetId: network!.outputs.endpointsSubnetId
    accountId: host.outputs.id
    accountName: hostAccountName
    zoneIds: network!.outputs.zoneIds
  }
}

module topic 'events/topic.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    suffix: suffix
    accountId: data.outputs.id
    identityId: identities.outputs.identities.events.id
  }
}

module functions 'app/functions.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    suffix: suffix
    identity: identities.outputs.identities.functions
    data: { blobEndpoint: data.outputs.blobEndpoint, queueEndpoint: data.outputs.queueEndpoint }
    hostAccountName: hostAccountName
    packageContainer: packageContainer
    insightsConnection: telemetry.outputs.connectionString
    subnetId: isPrivate ? network!.outputs.functionsSubnetId : ''
    retrainingSchedule: retrainingSchedule
    retrainingExperiment: retrainingExperiment
    retentionSchedule: retentionSchedule
    retentionDays: retentionDays
    maxInstances: maxFunctionInstances
  }
  // The Functions host accesses its storage as soon as it starts, so it needs its roles before that.
  dependsOn: [roles]
}

module environment 'app/environment.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    suffix: suffix
    gpuProfile: machine.profile
    subnetId: isPrivate ? network!.outputs.containersSubnetId : ''
    workspaceId: telemetry.outputs.workspaceId
  }
}

module worker 'app/worker.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    suffix: suffix
    environmentId: environment.outputs.id
    profile: environment.outputs.profile
    registryServer: registry.outputs.loginServer
    image: workerImage
    identity: identities.outputs.identities.worker
    data: { name: dataAccountName, blobEndpoint: data.outputs.blobEndpoint, queueEndpoint: data.outputs.queueEndpoint }
    insightsConnection: telemetry.outputs.connectionString
    device: machine.device
    cpu: machine.cpu
    memory: machine.memory
    scale: {
      minReplicas: minWorkers
      maxReplicas: maxWorkers
      messagesPerReplica: messagesPerWorker
      pollingSeconds: scalePollingSeconds
      cooldownSeconds: scaleCooldownSeconds
    }
  }
  dependsOn: [roles]
}

module trainer 'app/trainer.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    suffix: suffix
    environmentId: environment.outputs.id
    profile: environment.outputs.profile
    registryServer: registry.outputs.loginServer
    image: trainerImage
    identity: identities.outputs.identities.trainer
    data: { name: dataAccountName, blobEndpoint: data.outputs.blobEndpoint, queueEndpoint: data.outputs.queueEndpoint }
    insightsConnection: telemetry.outputs.connectionString
    cpu: machine.cpu
    memory: machine.memory
    trigger: trainingTrigger
    // A schedule of Container Apps has no field for seconds.
    schedule: join(skip(split(retrainingSchedule, ' '), 1), ' ')
    timeoutSeconds: trainingTimeoutSeconds
  }
  dependsOn: [roles]
}

module alerts 'observe/alerts.bicep' = {
  scope: group
  params: {
    location: location
    tags: allTags
    suffix: suffix
    workspaceId: telemetry.outputs.workspaceId
    workerId: worker.outputs.id
    email: alertEmail
    oldestMessageMinutes: oldestMessageMinutes
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = registry.outputs.loginServer
output AZURE_CONTAINER_ENVIRONMENT_ID string = environment.outputs.id
output IPUNET_CUDA string = machine.device == 'cuda' ? 'true' : 'false'
output IPUNET_ACCOUNT string = dataAccountName
output IPUNET_HOST_ACCOUNT_ID string = host.outputs.id
output IPUNET_FUNCTIONS_APP string = functions.outputs.name
output IPUNET_TOPIC string = topic.outputs.name
output IPUNET_EVENTS_IDENTITY_ID string = identities.outputs.identities.events.id
