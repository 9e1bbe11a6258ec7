@description('Region of the app.')
param location string

@description('Tags of the app.')
param tags object

@description('Suffix of the names of resources.')
param suffix string

@description('The app\'s identity: id and clientId.')
param identity object

@description('The account with the data: blobEndpoint and queueEndpoint.')
param data object

@description('Name of the account of the Functions host.')
param hostAccountName string

@description('Container of the host\'s account for the deployed program.')
param packageContainer string

@description('Connection string of the Application Insights that gets the telemetry.')
param insightsConnection string

@description('Subnet of the app; empty for none.')
param subnetId string

@description('Times at which a retraining job is sent, as NCRONTAB (second minute hour day month weekday), UTC.')
param retrainingSchedule string

@description('Experiment of scheduled retraining jobs.')
param retrainingExperiment string

@description('Times at which old batches are removed, as NCRONTAB, UTC.')
param retentionSchedule string

@description('Days for which a batch (uploads and results) is kept after its last change; 0 for ever.')
param retentionDays int

@description('Most instances of the app at a time. It bounds the cost and the number of requests to storage.')
@minValue(1)
@maxValue(1000)
param maxInstances int

resource hostAccount 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: hostAccountName
}

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: 'plan-${suffix}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: 'func-${suffix}'
  location: location
  tags: union(tags, { 'azd-service-name': 'functions' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostAccount.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      scaleAndConcurrency: { maximumInstanceCount: maxInstances, instanceMemoryMB: 2048 }
      runtime: { name: 'dotnet-isolated', version: '10.0' }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      AzureWebJobsStorage__blobServiceUri: hostAccount.properties.primaryEndpoints.blob
      AzureWebJobsStorage__queueServiceUri: hostAccount.properties.primaryEndpoints.queue
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.clientId
      // All seven settings name the same account. The triggers read the first four, and the service reads the other three.
      Storage__blobServiceUri: data.blobEndpoint
      Storage__queueServiceUri: data.queueEndpoint
      Storage__credential: 'managedidentity'
      Storage__clientId: identity.clientId
      Storage__BlobEndpoint: data.blobEndpoint
      Storage__QueueEndpoint: data.queueEndpoint
      Storage__ManagedIdentityClientId: identity.clientId
      APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnection
      // Both settings stop reports of the host's exporter to its maker. Older versions read the first one.
      APPLICATIONINSIGHTS_STATSBEAT_DISABLED: 'true'
      APPLICATIONINSIGHTS_SDKSTATS_DISABLED_ALL: 'true'
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.clientId};Authorization=AAD'
      RetrainingSchedule: retrainingSchedule
      Retraining__Experiment: retrainingExperiment
      RetentionSchedule: retentionSchedule
      Retention__Days: string(retentionDays)
    }
  }

  // Deployment with passwords is off, too.
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

@description('Name of the app.')
output name string = app.name

@description('Id of the app.')
output id string = app.id
