using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using IpuNet.Contract;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Storage;

/// <summary>The storage account: clients for its blobs and queues, which retry by the rules of <see cref="StorageResilience"/>.</summary>
public sealed class StorageAccount
{
    private readonly BlobServiceClient _blobs;
    private readonly QueueServiceClient _queues;

    /// <summary>Prepares the clients. Sends nothing.</summary>
    /// <param name="options">The account and the retry settings.</param>
    /// <param name="logger">Logs when requests are held back, with the cause, and when they are sent again.</param>
    /// <exception cref="FaceDataException">The options name no account, or the connection string is not valid.</exception>
    public StorageAccount(StorageOptions options, ILogger? logger = null)
        : this(options, logger, policy: null)
    {
    }

    /// <summary>
    /// Prepares the clients with an extra policy that each request passes once, before it is sent and retried; null for none.
    /// </summary>
    internal StorageAccount(StorageOptions options, ILogger? logger, HttpPipelinePolicy? policy)
    {
        ArgumentNullException.ThrowIfNull(options);
        var resilience = new StorageResilience(options, logger);
        var blobOptions = resilience.Apply(new BlobClientOptions(), "blobs");
        var queueOptions = resilience.Apply(new QueueClientOptions(), "queues");
        if (policy is not null)
        {
            blobOptions.AddPolicy(policy, HttpPipelinePosition.PerCall);
            queueOptions.AddPolicy(policy, HttpPipelinePosition.PerCall);
        }

        if (!string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            try
            {
                (_blobs, _queues) = (new(options.ConnectionString, blobOptions), new(options.ConnectionString, queueOptions));
            }
            catch (FormatException error)
            {
                throw new FaceDataException(
                    $"{StorageOptions.Section}:{nameof(StorageOptions.ConnectionString)} is not a valid connection string: {error.Message}",
                    error);
            }
        }
        else if (options is { BlobEndpoint: { } blobEndpoint, QueueEndpoint: { } queueEndpoint })
        {
            TokenCredential credential = ServiceIdentity.Of(options.ManagedIdentityClientId);
            (_blobs, _queues) = (new(blobEndpoint, credential, blobOptions), new(queueEndpoint, credential, queueOptions));
        }
        else
        {
            throw new FaceDataException(options.Validate(new(options)).First().ErrorMessage!);
        }
    }

    /// <summary>The account's name, for messages.</summary>
    public string Name => _blobs.AccountName;

    /// <summary>The address of the blobs, for messages.</summary>
    public Uri Address => _blobs.Uri;

    /// <summary>A container.</summary>
    public BlobContainerClient Container(string name) => _blobs.GetBlobContainerClient(name);

    /// <summary>A queue with encoded messages. Use <see cref="Queues.JobQueue"/> to send and read jobs.</summary>
    public QueueClient Queue(string name) => _queues.GetQueueClient(name);

    /// <summary>The approximate number of messages in a queue, including those that are being handled.</summary>
    public async Task<int> CountMessagesAsync(string queue, CancellationToken cancellation) =>
        (await Queue(queue).GetPropertiesAsync(cancellation).ConfigureAwait(false)).Value.ApproximateMessagesCount;

    /// <summary>The time by the storage clock, in whole seconds.</summary>
    public async Task<DateTimeOffset> NowAsync(CancellationToken cancellation)
    {
        var answer = await Container(StorageNames.Galleries).ExistsAsync(cancellation).ConfigureAwait(false);
        return answer.GetRawResponse().Headers.Date ?? throw new IOException($"{Address} does not say what time it is.");
    }

    /// <summary>Creates all missing containers and queues. In Azure, the infrastructure has created them.</summary>
    public async Task CreateAllAsync(CancellationToken cancellation)
    {
        foreach (string container in StorageNames.Containers)
            await Container(container).CreateIfNotExistsAsync(cancellationToken: cancellation).ConfigureAwait(false);
        foreach (string queue in StorageNames.Queues)
        {
            await Queue(queue).CreateIfNotExistsAsync(cancellationToken: cancellation).ConfigureAwait(false);
            await Queue(queue + StorageNames.PoisonSuffix).CreateIfNotExistsAsync(cancellationToken: cancellation).ConfigureAwait(false);
        }
    }
}
