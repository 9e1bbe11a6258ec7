using System.Runtime.CompilerServices;
using System.Text;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IpuNet.Service.Queues;

/// <summary>
/// The messages that cannot be handled, with the reasons: one blob per message, beside the message itself in the queue's <c>-poison</c>
/// twin. The blob is written first and the message leaves its queue last, so at any moment it is in one of them.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="logger">Logs each new entry; null for no log.</param>
public sealed class PoisonLog(StorageAccount account, ILogger<PoisonLog>? logger = null)
{
    // The message's place in the poison queue, kept with the blob so that no search is needed.
    private const string PlaceId = "queuedid", PlaceReceipt = "queuedreceipt";

    private readonly BlobContainerClient _results = account.Container(StorageNames.Results);
    private readonly ILogger _logger = logger ?? NullLogger<PoisonLog>.Instance;

    /// <summary>Adds an entry. Adding it twice has the same effect as adding it once; the first reason stays.</summary>
    /// <param name="entry">
    /// The entry. Its queue is one of <see cref="StorageNames.Queues"/>, or "uploads", which has no message to keep.
    /// </param>
    /// <param name="cancellation">Cancels the operation.</param>
    public Task AddAsync(PoisonEntry entry, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return AddAsync(entry, WireMessage.Encode(Encoding.UTF8.GetBytes(entry.Body)), cancellation);
    }

    /// <summary>Lists all entries, by queue.</summary>
    /// <exception cref="FaceDataException">A blob is not a valid entry.</exception>
    public async IAsyncEnumerable<PoisonEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var options = new GetBlobsOptions { Prefix = $"{StorageNames.Poison}/" };
        await foreach (BlobItem blob in _results.GetBlobsAsync(options, cancellation).ConfigureAwait(false))
        {
            if (await ReadAsync(blob.Name, cancellation).ConfigureAwait(false) is { } entry)
                yield return entry;
        }
    }

    /// <summary>Finds an entry.</summary>
    /// <returns>Null if there is no entry for the message.</returns>
    /// <exception cref="FaceDataException">The blob is not a valid entry.</exception>
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

    /// <summary>Finds an entry that must exist.</summary>
    /// <exception cref="FaceDataException">There is no entry for the message, or the blob is not a valid entry.</exception>
    public async Task<PoisonEntry> RequireAsync(string messageId, CancellationToken cancellation) =>
        await FindAsync(messageId, cancellation).ConfigureAwait(false)
        ?? throw new FaceDataException($"No message '{messageId}' is in poison. `ipunet poison list` shows the messages that are.");

    /// <summary>
    /// Sends a message again, as a new one, to the queue that users send to (<see cref="StorageNames.QueueOfSenders"/>), and removes its
    /// entry.
    /// </summary>
    /// <returns>The removed entry.</returns>
    /// <exception cref="FaceDataException">There is no such entry, or its message cannot be sent.</exception>
    public async Task<PoisonEntry> RequeueAsync(string messageId, CancellationToken cancellation)
    {
        PoisonEntry entry = await RequireAsync(messageId, cancellation).ConfigureAwait(false);
        if (!StorageNames.Queues.Contains(entry.Queue))
            throw new FaceDataException($"'{messageId}' is not a message and cannot be sent again: {entry.Reason}");
        string wire = WireMessage.Encode(Encoding.UTF8.GetBytes(entry.Body));
        if (wire.Length > WireMessage.MaxWireLength)
            throw new FaceDataException(
                $"Message '{messageId}' is too large for a queue: it has {entry.Body.Length:N0} characters. Send the job again in "
                + "smaller parts.");

        await account.Queue(StorageNames.QueueOfSenders(entry.Queue))
            .SendMessageAsync(wire, timeToLive: WireMessage.Forever, cancellationToken: cancellation).ConfigureAwait(false);
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

        // An entry without a place was begun by a process that did not finish it.
        PoisonPlace place = (isNew ? null : await TwinOf(entry).FindAsync(wire, cancellation).ConfigureAwait(false))
            ?? await TwinOf(entry).AddAsync(wire, cancellation).ConfigureAwait(false);
        var metadata = new Dictionary<string, string> { [PlaceId] = place.MessageId, [PlaceReceipt] = place.Receipt };
        await blob.SetMetadataAsync(metadata, cancellationToken: cancellation).ConfigureAwait(false);
    }

    /// <summary>Adds an entry for a message that something else already put into the poison queue.</summary>
    internal async Task AdoptAsync(PoisonEntry entry, CancellationToken cancellation)
    {
        // The receipt is unknown, so the message is searched for when it is taken out.
        var metadata = new Dictionary<string, string> { [PlaceId] = entry.MessageId, [PlaceReceipt] = "unknown" };
        byte[] json = entry.ToJson();
        if (await BlobOf(entry).TryReplaceAsync(json, BlobWrites.Json, metadata, read: null, cancellation).ConfigureAwait(false) is null)
            return;
        QueueMetrics.Poisoned(entry.Queue, entry.Category);
        _logger.Poisoned(entry.MessageId, entry.Queue, entry.Category);
    }

    /// <summary>The ids of the messages in a poison queue that have an entry.</summary>
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
        metadata.TryGetValue(PlaceId, out string? id) && metadata.TryGetValue(PlaceReceipt, out string? receipt)
            ? new PoisonPlace(id, receipt)
            : null;

    private BlobClient BlobOf(PoisonEntry entry) => _results.GetBlobClient(StorageNames.PoisonEntry(entry.Queue, entry.MessageId));

    private PoisonQueue TwinOf(PoisonEntry entry) => new(account.Queue(entry.Queue + StorageNames.PoisonSuffix));

    private async Task<PoisonEntry?> ReadAsync(string name, CancellationToken cancellation) =>
        await _results.GetBlobClient(name).TryReadAsync(cancellation).ConfigureAwait(false) is { } blob
            ? PoisonEntry.FromJson(blob.Content, $"{StorageNames.Results}/{name}")
            : null;
}
