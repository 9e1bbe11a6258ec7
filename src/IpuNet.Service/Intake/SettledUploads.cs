using Azure.Storage.Blobs.Models;
using IpuNet.Faces;
using IpuNet.Service.Messages;
using IpuNet.Service.Queues;
using IpuNet.Service.Recognition;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Intake;

/// <summary>
/// Which uploads have their result and are in their batch's summary, or are in poison, so that they need no intake: one listing instead of
/// several requests for each.
/// </summary>
internal sealed class SettledUploads
{
    private const string ResultExtension = ".json", ImageFolder = StorageNames.Uploads + "/";

    private readonly Dictionary<string, (ResultMetadata Result, DateTimeOffset? Written)> _results = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset?> _summaries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _poisoned = new(StringComparer.Ordinal);

    /// <summary>Lists all results, and reads what is in poison.</summary>
    public static async Task<SettledUploads> ReadAsync(StorageAccount account, PoisonLog poison, CancellationToken cancellation)
    {
        var settled = new SettledUploads();
        await foreach (BlobItem blob in account.Container(StorageNames.Results)
            .GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, prefix: null, cancellation).ConfigureAwait(false))
        {
            string batch = blob.Name.Split('/')[0];
            if (blob.Name == StorageNames.Summary(batch))
                settled._summaries[batch] = blob.Properties.LastModified;
            else if (blob.Name.EndsWith(ResultExtension, StringComparison.Ordinal) && ResultMetadata.From(blob.Metadata) is { } result)
                settled._results[blob.Name[..^ResultExtension.Length]] = (result, blob.Properties.LastModified);
        }

        try
        {
            await foreach (PoisonEntry entry in poison.ListAsync(cancellation).ConfigureAwait(false))
                await settled.AddAsync(entry, new LargeMessages(account), cancellation).ConfigureAwait(false);
        }
        catch (FaceDataException)
        {
            // An entry that cannot be read says of no upload that it is settled: those are handled again, which does no harm.
        }

        return settled;
    }

    /// <summary>Whether this version of an upload needs nothing more.</summary>
    public bool Contains(BlobItem upload) =>
        (_results.TryGetValue(upload.Name, out var stored) && upload.Properties.ETag is { } etag && stored.Result.IsOf(etag)
            && _summaries.TryGetValue(upload.Name.Split('/')[0], out DateTimeOffset? summed) && summed >= stored.Written)
        || (_poisoned.TryGetValue(upload.Name, out DateTimeOffset since) && upload.Properties.LastModified <= since);

    private async Task AddAsync(PoisonEntry entry, LargeMessages large, CancellationToken cancellation)
    {
        foreach (string upload in await UploadsOfAsync(entry, large, cancellation).ConfigureAwait(false))
        {
            if (!_poisoned.TryGetValue(upload, out DateTimeOffset since) || since < entry.PoisonedOn)
                _poisoned[upload] = entry.PoisonedOn;
        }
    }

    private static async Task<IEnumerable<string>> UploadsOfAsync(PoisonEntry entry, LargeMessages large, CancellationToken cancellation)
    {
        if (entry.Queue == StorageNames.Uploads)
            return [entry.Body];
        if (entry.Queue != StorageNames.FaceBatches)
            return [];
        try
        {
            byte[] json = System.Text.Encoding.UTF8.GetBytes(entry.Body);
            if (JobSerializer.IsReference(json))
                json = await large.ResolveAsync(JobSerializer.Read<MessageReference>(json), cancellation).ConfigureAwait(false);
            return JobSerializer.Read<FaceBatchMessage>(json).Images
                .Where(image => image.StartsWith(ImageFolder, StringComparison.Ordinal)).Select(image => image[ImageFolder.Length..]);
        }
        catch (JobRefusedException)
        {
            return [];
        }
    }
}
