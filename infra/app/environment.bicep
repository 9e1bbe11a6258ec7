@description('Region of the environment.')
param location string

@description('Tags of the environment.')
param tags object

@description('What the name of the environment ends in.')
param suffix string

@description('Workload profile of the worker and the trainer; empty for processors only.')
param gpuProfile string

@description('Subnet of the environment; empty for none.')
param subnetId string

@description('Where its logs go.')
param workspaceId string

resource environment 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: 'cae-${suffix}'
  location: location
  tags: tags
  properties: {
    // By way of the diagnostic settings below. Sent to the workspace directly, they would need its key.
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
