@description('Region of the workspace.')
param location string

@description('Tags of the resources.')
param tags object

@description('Suffix of the names of resources.')
param suffix string

@description('Name of Application Insights.')
param insightsName string

@description('Days for which logs and metrics are kept.')
@minValue(30)
@maxValue(730)
param retentionDays int

@description('Most gigabytes of logs a day. It bounds their cost. Logs beyond it are lost, and so are alerts about them.')
@minValue(1)
param dailyGigabytes int

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: 'log-${suffix}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    features: { disableLocalAuth: true }
    workspaceCapping: { dailyQuotaGb: dailyGigabytes }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: insightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    // The connection string is then only an address. It gives nobody access.
    DisableLocalAuth: true
  }
}

@description('Id of the workspace.')
output workspaceId string = workspace.id

@description('The address for telemetry. A sender needs an identity with a role.')
output connectionString string = insights.properties.ConnectionString
