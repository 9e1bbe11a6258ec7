@description('Region of the environment.')
param location string

@description('Tags of the environment.')
param tags object

@description('Suffix of the name of the environment.')
param suffix string

@description('Workload profile of the worker and the trainer; empty for processors only.')
param gpuProfile string

@description('Subnet of the environment; empty for none.')
param subnetId string

@description('Id of the workspace that gets the logs of the environment.')
param workspaceId string

resource environment 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: 'cae-${suffix}'
  location: location
  tags: tags
  properties: {
    // Logs go through the diagnostic settings below. To send them to the workspace directly would take its key.
    appLogsConfiguration: { destination: 'azure-monitor' }
    workloadProfiles: concat(
      [{ name: 'Consumption', workloadProfileType: 'Consumption' }],
      empty(gpuProfile) ? [] : [{ name: 'gpu', workloadProfileType: gpuProfile }]
    )
    vnetConfiguration: empty(subnetId) ? null : { infrastructureSubnetId: subnetId, internal: true }
    zoneRedundant: !empty(subnetId)
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: environment
  properties: {
    workspaceId: workspaceId
    logs: [
      { category: 'ContainerAppConsoleLogs', enabled: true }
      { category: 'ContainerAppSystemLogs', enabled: true }
    ]
  }
}

@description('Id of the environment.')
output id string = environment.id

@description('Name of the profile that the worker and the trainer run on.')
output profile string = empty(gpuProfile) ? 'Consumption' : 'gpu'
