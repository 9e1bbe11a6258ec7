using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Intake;

/// <summary>
/// The uploads that need no intake: they are in poison, or they have a result that the batch's summary includes. One listing replaces
/// several requests per upload.
/// </summary>
internal sealed class FinishedUploads(PoisonedUploads poisoned)
{
    private const string ResultExtension = ".json";

    private readonly Dictionary<string, (ResultMetadata Result, DateTimeOffset? Written)> _results = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset?> _summaries = new(StringComparer.Ordinal);

    /// <summary>Lists all results and reads the poison log.</summary>
    public static async Task<FinishedUploads> ReadAsync(StorageAccount account, PoisonLog poison, CancellationToken cancellation) =>
        await ReadAsync(
            account, await PoisonedUploads.ReadAsync(account, poison, cancellation).ConfigureAwait(false), prefix: null,
            cancellation).ConfigureAwait(false);

    /// <summary>Lists the results with a name prefix.</summary>
    public static async Task<FinishedUploads> ReadAsync(
        StorageAccount account, PoisonedUploads poisoned, string? prefix, CancellationToken cancellation)
    {
        var finished = new FinishedUploads(poisoned);
        await foreach (BlobItem blob in account.Container(StorageNames.Results)
            .GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, prefix, cancellation).ConfigureAwait(false))
        {
            string batch = blob.Name.Split('/')[0];
            if (blob.Name == StorageNames.Summary(batch))
                finished._summaries[batch] = blob.Properties.LastModified;
            else if (blob.Name.EndsWith(ResultExtension, StringComparison.Ordinal) && ResultMetadata.From(blob.Metadata) is { } result)
                finished._results[blob.Name[..^ResultExtension.Length]] = (result, blob.Properties.LastModified);
        }

        return finished;
    }

    /// <summary>Whether this version of an upload needs no intake.</summary>
    public bool Contains(BlobItem upload) =>
        (_results.TryGetValue(upload.Name, out var stored) && upload.Properties.ETag is { } etag && stored.Result.IsOf($"{etag}")
            && _summaries.TryGetValue(upload.Name.Split('/')[0], out DateTimeOffset? summed) && summed >= stored.Written)
        || poisoned.Contains(upload.Name, upload.Properties.LastModified);
}
