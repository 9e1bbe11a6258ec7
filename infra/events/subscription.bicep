// A hook (infra/hooks) deploys this after the Functions app's program, because Event Grid first checks that the app answers.

@description('Name of the topic with the account\'s events.')
param topicName string

@description('Address that gets the events: the blob extension of the Functions app, with its key.')
@secure()
param endpoint string

@description('Container of uploads.')
param container string = 'uploads'

@description('Id of the account for events that cannot be delivered.')
param hostAccountId string

@description('Container for events that cannot be delivered.')
param undeliveredContainer string = 'undelivered-events'

@description('Id of the identity that writes them there.')
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
      // Images for enrolments are not recognised, so they are not reported.
      advancedFilters: [
        {
          operatorType: 'StringNotBeginsWith'
          key: 'subject'
          values: ['/blobServices/default/containers/${container}/blobs/enrolments/']
        }
      ]
    }
    // A day is the longest time that Event Grid allows. Undelivered events then go into a container, and SweepUploads finds their uploads.
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
