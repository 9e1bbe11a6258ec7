using System.Runtime.CompilerServices;
using System.Text;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IpuNet.Service.Queues;

/// <summary>
/// What cannot be handled, and why: a blob for each message, beside the message itself in its queue's <c>-poison</c> twin.
/// The blob comes first and the message leaves its queue last, so at any moment it is in one of them.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="logger">Is told of each new entry; null for nobody.</param>
public sealed class PoisonLog(StorageAccount account, ILogger<PoisonLog>? logger = null)
{
    // Where the message is in the poison queue, kept with the blob so that it need not be looked for.
    private const string PlaceId = "queuedid", PlaceReceipt = "queuedreceipt";

    private readonly BlobContainerClient _results = account.Container(StorageNames.Results);
    private readonly ILogger _logger = logger ?? NullLogger<PoisonLog>.Instance;

    /// <summary>Keeps an entry. Keeping it twice is keeping it once, and the first reason counts.</summary>
    /// <param name="entry">The entry; of a queue of <see cref="StorageNames.Queues"/>, or of "uploads", where there is no message to keep.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task AddAsync(PoisonEntry entry, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return AddAsync(entry, WireMessage.Encode(Encoding.UTF8.GetBytes(entry.Body)), cancellation);
    }

    /// <summary>All entries, by queue.</summary>
    /// <exception cref="FaceDataException">A blob there is no entry.</exception>
    public async IAsyncEnumerable<PoisonEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var options = new GetBlobsOptions { Prefix = $"{StorageNames.Poison}/" };
        await foreach (BlobItem blob in _results.GetBlobsAsync(options, cancellation).ConfigureAwait(false))
        {
            if (await ReadAsync(blob.Name, cancellation).ConfigureAwait(false) is { } entry)
                yield return entry;
        }
    }

    /// <summary>One entry.</summary>
    /// <returns>Null where there is none of that message.</returns>
    /// <exception cref="FaceDataException">The blob is no entry.</exception>
    public async Task<PoisonEntry?> FindAsync(string messageId, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(messageId) || !messageId.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            return null;
        foreach (string queue in (string[])[.. StorageNames.Queues, StorageNames.Uploads])
        {
            if (await ReadAsync(StorageNames.PoisonEntry(queue, messageId), cancellation).ConfigureAwait(false) is { } entry)
                return entry;
        }

        return null;
    }

    /// <summary>One entry that has to be there.</summary>
    /// <exception cref="FaceDataException">There is none of that message, or the blob is no entry.</exception>
    public async Task<PoisonEntry> RequireAsync(string messageId, CancellationToken cancellation) =>
        await FindAsync(messageId, cancellation).ConfigureAwait(false)
        ?? throw new FaceDataException($"No message '{messageId}' is in poison. `ipunet poison list` shows those that are.");

    /// <summary>Sends a message again, as a new one, to the queue that senders use (<see cref="StorageNames.QueueOfSenders"/>), and removes what was kept of it.</summary>
    /// <returns>The entry as it was.</returns>
    /// <exception cref="FaceDataException">There is no such entry, or nothing that could be sent.</exception>
    public async Task<PoisonEntry> RequeueAsync(string messageId, CancellationToken cancellation)
    {
        PoisonEntry entry = await RequireAsync(messageId, cancellation).ConfigureAwait(false);
        if (!StorageNames.Queues.Contains(entry.Queue))
            throw new FaceDataException($"'{messageId}' was never a message: {entry.Reason}");
        string wire = WireMessage.Encode(Encoding.UTF8.GetBytes(entry.Body));
        if (wire.Length > WireMessage.MaxWireLength)
            throw new FaceDataException($"Message '{messageId}' is too large for a queue: it has {entry.Body.Length:N0} characters. Send the job again in smaller parts.");

        await account.Queue(StorageNames.QueueOfSenders(entry.Queue)).SendMessageAsync(wire, timeToLive: WireMessage.Forever, cancellationToken: cancellation).ConfigureAwait(false);
        BlobClient blob = BlobOf(entry);
        BlobProperties properties = await blob.GetPropertiesAsync(cancellationToken: cancellation).ConfigureAwait(false);
        if (PlaceIn(properties.Metadata) is { } place)
            await TwinOf(entry).RemoveAsync(place, cancellation).ConfigureAwait(false);
        await blob.DeleteIfExistsAsync(cancellationToken: cancellation).ConfigureAwait(false);
        return entry;
    }

    internal async Task AddAsync(PoisonEntry entry, string wire, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(entry);
        bool isNew = await blob.TryCreateAsync(entry.ToJson(), cancellation).ConfigureAwait(false);
        if (isNew)
        {
            QueueMetrics.Poisoned(entry.Queue, entry.Category);
            _logger.Poisoned(entry.MessageId, entry.Queue, entry.Category);
        }

        if (!StorageNames.Queues.Contains(entry.Queue))
            return;
        if (!isNew)
        {
            BlobProperties properties = await blob.GetPropertiesAsync(cancellationToken: cancellation).ConfigureAwait(false);
            if (PlaceIn(properties.Metadata) is not null)
                return;
        }

        // An entry without a place was begun by somebody who did not get to its end.
        PoisonPlace place = (isNew ? null : await TwinOf(entry).FindAsync(wire, cancellation).ConfigureAwait(false))
            ?? await TwinOf(entry).AddAsync(wire, cancellation).ConfigureAwait(false);
        var metadata = new Dictionary<string, string> { [PlaceId] = place.MessageId, [PlaceReceipt] = place.Receipt };
        await blob.SetMetadataAsync(metadata, cancellationToken: cancellation).ConfigureAwait(false);
    }

    /// <summary>Keeps an entry about a message that lies in the twin of its queue already, put there by something else.</summary>
    internal async Task AdoptAsync(PoisonEntry entry, CancellationToken cancellation)
    {
        // The receipt is not known, and so the message is looked for when it is to be taken out.
        var metadata = new Dictionary<string, string> { [PlaceId] = entry.MessageId, [PlaceReceipt] = "unknown" };
        if (await BlobOf(entry).TryReplaceAsync(entry.ToJson(), BlobWrites.Json, metadata, read: null, cancellation).ConfigureAwait(false) is null)
            return;
        QueueMetrics.Poisoned(entry.Queue, entry.Category);
        _logger.Poisoned(entry.MessageId, entry.Queue, entry.Category);
    }

    /// <summary>The messages in the twin of a queue that there are entries about.</summary>
    internal async Task<IReadOnlySet<string>> PlacedAsync(string queue, CancellationToken cancellation)
    {
        var placed = new HashSet<string>(StringComparer.Ordinal);
        var options = new GetBlobsOptions { Traits = BlobTraits.Metadata, Prefix = $"{StorageNames.Poison}/{queue}/" };
        await foreach (BlobItem blob in _results.GetBlobsAsync(options, cancellation).ConfigureAwait(false))
        {
            if (PlaceIn(blob.Metadata) is { } place)
                placed.Add(place.MessageId);
        }

        return placed;
    }

    private static PoisonPlace? PlaceIn(IDictionary<string, string> metadata) =>
        metadata.TryGetValue(PlaceId, out string? id) && metadata.TryGetValue(PlaceReceipt, out string? receipt) ? new PoisonPlace(id, receipt) : null;

    private BlobClient BlobOf(PoisonEntry entry) => _results.GetBlobClient(StorageNames.PoisonEntry(entry.Queue, entry.MessageId));

    private PoisonQueue TwinOf(PoisonEntry entry) => new(account.Queue(entry.Queue + StorageNames.PoisonSuffix));

    private async Task<PoisonEntry?> ReadAsync(string name, CancellationToken cancellation) =>
        await _results.GetBlobClient(name).TryReadAsync(cancellation).ConfigureAwait(false) is { } blob
            ? PoisonEntry.FromJson(blob.Content, $"{StorageNames.Results}/{name}")
            : null;
}
