using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using IpuNet.Faces;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Storage;

/// <summary>The storage account: clients for its blobs and queues, which repeat by the rules of <see cref="StorageResilience"/>.</summary>
public sealed class StorageAccount
{
    private readonly BlobServiceClient _blobs;
    private readonly QueueServiceClient _queues;

    /// <summary>Prepares the clients; nothing is sent.</summary>
    /// <param name="options">Which account, and how patiently.</param>
    /// <param name="logger">Is told when requests are held back, with the cause, and when no longer.</param>
    /// <exception cref="FaceDataException">The options name no account, or the connection string is none.</exception>
    public StorageAccount(StorageOptions options, ILogger? logger = null)
        : this(options, logger, policy: null)
    {
    }

    /// <summary>The same with a step of its own that each request goes through once, before it is sent and repeated; null for none.</summary>
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
                throw new FaceDataException($"{StorageOptions.Section}:{nameof(StorageOptions.ConnectionString)} is no connection string: {error.Message}", error);
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

    /// <summary>Name of the account, for messages.</summary>
    public string Name => _blobs.AccountName;

    /// <summary>Address of its blobs, for messages.</summary>
    public Uri Address => _blobs.Uri;

    /// <summary>A container.</summary>
    public BlobContainerClient Container(string name) => _blobs.GetBlobContainerClient(name);

    /// <summary>A queue, with messages as they are on the wire; a <see cref="Queues.JobQueue"/> writes and reads them.</summary>
    public QueueClient Queue(string name) => _queues.GetQueueClient(name);

    /// <summary>About how many messages a queue holds; those that somebody works on are among them.</summary>
    public async Task<int> CountMessagesAsync(string queue, CancellationToken cancellation) =>
        (await Queue(queue).GetPropertiesAsync(cancellation).ConfigureAwait(false)).Value.ApproximateMessagesCount;

    /// <summary>Makes all containers and queues that are missing. In Azure the infrastructure has made them.</summary>
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
