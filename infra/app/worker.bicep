@description('Region of the worker.')
param location string

@description('Tags of the worker.')
param tags object

@description('Suffix of the name of the worker.')
param suffix string

@description('Id of the Container Apps environment.')
param environmentId string

@description('Workload profile of the program.')
param profile string

@description('Address of the registry.')
param registryServer string

@description('Its image; empty before the first deployment.')
param image string

@description('The worker\'s identity: id and clientId.')
param identity object

@description('The account with the data: name, blobEndpoint and queueEndpoint.')
param data object

@description('Connection string of the Application Insights that gets the telemetry.')
param insightsConnection string

@description('Device for the models: cuda or cpu.')
@allowed(['cuda', 'cpu'])
param device string

@description('Processors of a replica.')
param cpu string

@description('Memory of a replica.')
param memory string

@description('Numbers for scaling: minReplicas, maxReplicas, messagesPerReplica, pollingSeconds, cooldownSeconds.')
param scale { minReplicas: int, maxReplicas: int, messagesPerReplica: int, pollingSeconds: int, cooldownSeconds: int }

// This image takes the place of the worker's until the first deployment. It never runs, because the queues are empty until then.
var placeholder = 'mcr.microsoft.com/k8se/quickstart:latest'

resource worker 'Microsoft.App/containerApps@2025-01-01' = {
  name: 'ca-worker-${suffix}'
  location: location
  tags: union(tags, { 'azd-service-name': 'worker' })
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    environmentId: environmentId
    workloadProfileName: profile
    configuration: {
      activeRevisionsMode: 'Single'
      registries: [{ server: registryServer, identity: identity.id }]
    }
    template: {
      // A worker that has to stop gives its messages back within 25 s.
      terminationGracePeriodSeconds: 30
      containers: [
        {
          name: 'worker'
          image: empty(image) ? placeholder : image
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
            { name: 'Models__Device', value: device }
          ]
          probes: [
            // The worker loads and warms its models before it listens. On a cold GPU that can take long.
            { type: 'Startup', httpGet: { path: '/health/live', port: 8080 }, periodSeconds: 5, failureThreshold: 60 }
            { type: 'Liveness', httpGet: { path: '/health/live', port: 8080 }, periodSeconds: 20, failureThreshold: 3 }
            { type: 'Readiness', httpGet: { path: '/health/ready', port: 8080 }, periodSeconds: 20, timeoutSeconds: 5 }
          ]
        }
      ]
      scale: {
        minReplicas: scale.minReplicas
        maxReplicas: scale.maxReplicas
        pollingInterval: scale.pollingSeconds
        cooldownPeriod: scale.cooldownSeconds
        rules: [for queue in ['face-batches', 'enrolments', 'enrolments-checked']: {
          name: queue
          custom: {
            type: 'azure-queue'
            identity: identity.id
            metadata: {
              accountName: data.name
              queueName: queue
              queueLength: string(scale.messagesPerReplica)
              // Messages in work count, too. Otherwise a worker would be stopped while it works.
              queueLengthStrategy: 'all'
            }
          }
        }]
      }
    }
  }
}

@description('Name of the worker.')
output name string = worker.name

@description('Id of the worker.')
output id string = worker.id
