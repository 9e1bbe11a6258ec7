// Deployed after the Functions app's program (infra/hooks), for Event Grid makes sure that somebody answers at the other end.

@description('Name of the topic with the account\'s events.')
param topicName string

@description('Where events are delivered to: the blob extension of the Functions app, with its key.')
@secure()
param endpoint string

@description('Container of uploads.')
param container string = 'uploads'

@description('Id of the account that keeps events which cannot be delivered.')
param hostAccountId string

@description('Container there.')
param undeliveredContainer string = 'undelivered-events'

@description('Id of the identity that puts them there.')
param identityId string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource uploads 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'uploads'
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    destination: {
      endpointType: 'WebHook'
      properties: {
        endpointUrl: endpoint
        maxEventsPerBatch: 1
        minimumTlsVersionAllowed: '1.2'
      }
    }
    filter: {
      includedEventTypes: ['Microsoft.Storage.BlobCreated']
      subjectBeginsWith: '/blobServices/default/containers/${container}/blobs/'
      isSubjectCaseSensitive: true
      // Pictures for enrolments are no probes.
      advancedFilters: [
        {
          operatorType: 'StringNotBeginsWith'
          key: 'subject'
          values: ['/blobServices/default/containers/${container}/blobs/enrolments/']
        }
      ]
    }
    // A day, the longest there is. What is then left lies in a container, and an alert says so.
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
    deadLetterWithResourceIdentity: {
      identity: { type: 'UserAssigned', userAssignedIdentity: identityId }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: { resourceId: hostAccountId, blobContainerName: undeliveredContainer }
      }
    }
  }
}
