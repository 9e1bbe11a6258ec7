@description('Region of the job.')
param location string

@description('Tags of the job.')
param tags object

@description('Suffix of the name of the job.')
param suffix string

@description('Id of the Container Apps environment.')
param environmentId string

@description('Workload profile of the program.')
param profile string

@description('Address of the registry.')
param registryServer string

@description('Its image; empty before the first deployment.')
param image string

@description('The trainer\'s identity: id and clientId.')
param identity object

@description('The account with the data: name, blobEndpoint and queueEndpoint.')
param data object

@description('Connection string of the Application Insights that gets the telemetry.')
param insightsConnection string

@description('Processors of an execution.')
param cpu string

@description('Memory of an execution.')
param memory string

@description('''The start of the job. Event: a message in its queue; the schedule of the Functions app sends some.
Schedule: a schedule of its own. Manual: only by hand. All three can also be started by hand.''')
@allowed(['Event', 'Schedule', 'Manual'])
param trigger string

@description('The schedule, for the trigger Schedule: minute hour day month weekday, UTC.')
param schedule string

@description('Longest time of an execution, seconds. A training that is ended resumes from its last checkpoint at the next start.')
param timeoutSeconds int

var placeholder = 'mcr.microsoft.com/k8se/quickstart-jobs:latest'

// Only one training runs at a time. The next one waits in the queue.
var once = { parallelism: 1, replicaCompletionCount: 1 }

resource trainer 'Microsoft.App/jobs@2025-01-01' = {
  name: 'caj-trainer-${suffix}'
  location: location
  tags: union(tags, { 'azd-service-name': 'trainer' })
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    environmentId: environmentId
    workloadProfileName: profile
    configuration: {
      triggerType: trigger
      replicaTimeout: timeoutSeconds
      // No retries: the message of a replica that dies comes back to the queue, and starts another execution.
      replicaRetryLimit: 0
      registries: [{ server: registryServer, identity: identity.id }]
      manualTriggerConfig: trigger == 'Manual' ? once : null
      scheduleTriggerConfig: trigger == 'Schedule' ? union(once, { cronExpression: schedule }) : null
      eventTriggerConfig: trigger == 'Event'
        ? union(once, {
            scale: {
              minExecutions: 0
              maxExecutions: 1
              pollingInterval: 60
              rules: [
                {
                  name: 'retraining'
                  type: 'azure-queue'
                  identity: identity.id
                  // Only visible messages count. Otherwise the message of the running training would start another execution.
                  metadata: { accountName: data.name, queueName: 'retraining', queueLength: '1', queueLengthStrategy: 'visibleonly' }
                }
              ]
            }
          })
        : null
    }
    template: {
      containers: [
        {
          name: 'trainer'
          image: empty(image) ? placeholder : image
          args: ['train', '--storage', '--account', data.name]
          resources: { cpu: json(cpu), memory: memory }
          env: [
            { name: 'AZURE_CLIENT_ID', value: identity.clientId }
            { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: insightsConnection }
            // These two stop reports of libraries to their makers.
            { name: 'APPLICATIONINSIGHTS_SDKSTATS_DISABLED_ALL', value: 'true' }
            { name: 'ORT_DISABLE_TELEMETRY', value: '1' }
            { name: 'Storage__BlobEndpoint', value: data.blobEndpoint }
            { name: 'Storage__QueueEndpoint', value: data.queueEndpoint }
            { name: 'Storage__ManagedIdentityClientId', value: identity.clientId }
          ]
        }
      ]
    }
  }
}

@description('Name of the job.')
output name string = trainer.name
