@description('Region of the alerts.')
param location string

@description('Tags of the alerts.')
param tags object

@description('Suffix of the names of resources.')
param suffix string

@description('Id of the workspace with the telemetry.')
param workspaceId string

@description('Id of the worker.')
param workerId string

@description('Email address that gets the alerts. If it is empty, alerts show in the portal only.')
param email string

@description('Minutes that the oldest message of a queue may wait before there is an alert.')
@minValue(1)
param oldestMessageMinutes int

// Each query returns a row for each fault. One row is enough for an alert.
var alerts = [
  {
    name: 'poison'
    severity: 2
    text: 'Something could not be handled and lies in poison, with its reason. See `ipunet poison list`.'
    query: join([
      'AppMetrics'
      'where Name == "ipunet.poisoned"'
      'summarize Poisoned = sum(Sum) by Queue = tostring(Properties.queue), Category = tostring(Properties.category)'
      'where Poisoned > 0'
    ], ' | ')
  }
  {
    name: 'queue-age'
    severity: 2
    text: 'A message waits longer than it should: no worker runs, or too few.'
    query: join([
      'AppMetrics'
      'where Name == "ipunet.queue.oldest"'
      'summarize Oldest = max(Max) by Queue = tostring(Properties.queue)'
      'where Queue !endswith "-poison" and Oldest > ${oldestMessageMinutes * 60}'
    ], ' | ')
  }
  {
    name: 'worker-errors'
    severity: 3
    text: 'A worker, a function or the trainer logs errors.'
    query: join([
      'union AppExceptions, (AppTraces | where SeverityLevel >= 3)'
      'where AppRoleName startswith "ipunet"'
      'summarize Errors = sum(ItemCount) by AppRoleName'
      'where Errors > 5'
    ], ' | ')
  }
  {
    name: 'functions-errors'
    severity: 2
    text: 'A function fails, and uploads may not be taken in.'
    query: join([
      'AppRequests'
      'where Success == false and AppRoleName startswith "func-"'
      'summarize Failed = sum(ItemCount) by Name'
      'where Failed > 5'
    ], ' | ')
  }
]

resource people 'Microsoft.Insights/actionGroups@2024-10-01-preview' = if (!empty(email)) {
  name: 'ag-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'ipunet'
    emailReceivers: [{ name: 'people', emailAddress: email, useCommonAlertSchema: true }]
  }
}

var actionGroups = empty(email) ? [] : [people.id]

resource queries 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for alert in alerts: {
  name: 'alert-${alert.name}-${suffix}'
  location: location
  tags: tags
  properties: {
    displayName: 'IpuNet: ${alert.name}'
    description: alert.text
    severity: alert.severity
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT10M'
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: alert.query
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    // A new workspace has no tables until the first telemetry arrives, so the query cannot be checked before that.
    skipQueryValidation: true
    actions: { actionGroups: actionGroups }
  }
}]

resource restarts 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'alert-worker-restarts-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'A worker ends again and again: the log says why.'
    severity: 1
    enabled: true
    scopes: [workerId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'restarts'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.App/containerapps'
          metricName: 'RestartCount'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 3
        }
      ]
    }
    actions: [for group in actionGroups: { actionGroupId: group }]
  }
}
