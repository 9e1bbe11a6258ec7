using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Recognition;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Intake;

/// <summary>The results that the intake itself gives: of archives, and of uploads that are refused.</summary>
internal sealed class UploadResults(StorageAccount account)
{
    /// <summary>Whether this version of the upload has a result.</summary>
    public async Task<bool> HasAsync(UploadName name, ETag upload, CancellationToken cancellation) =>
        await BlobOf(name).FindAsync(cancellation).ConfigureAwait(false) is { } found && IsOf(found, upload);

    /// <summary>Writes an image's refusal.</summary>
    public Task RejectAsync(UploadName name, ETag upload, string reason, CancellationToken cancellation)
    {
        var answer = new ImageAnswer
        {
            BatchId = name.Batch,
            Image = name.Image,
            Status = ImageStatus.Rejected,
            Reason = $"{name.Image}: {reason}.",
            Models = null,
            Faces = [],
        };
        return WriteAsync(name, upload, answer.Status, answer.ToJson(), cancellation);
    }

    /// <summary>Writes what became of an archive.</summary>
    public Task WriteAsync(UploadName name, ETag upload, ArchiveAnswer answer, CancellationToken cancellation) =>
        WriteAsync(name, upload, answer.Status, answer.ToJson(), cancellation);

    private static bool IsOf(BlobProperties result, ETag upload) => ResultMetadata.From(result.Metadata)?.UploadETag == upload.ToString();

    private async Task WriteAsync(UploadName name, ETag upload, ImageStatus status, byte[] json, CancellationToken cancellation)
    {
        IDictionary<string, string> metadata = new ResultMetadata(upload.ToString(), status).ToDictionary();
        BlobClient blob = BlobOf(name), uploaded = account.Container(StorageNames.Uploads).GetBlobClient(name.Blob);
        while (true)
        {
            BlobProperties? former = await blob.FindAsync(cancellation).ConfigureAwait(false);
            if (former is not null && IsOf(former, upload))
                return;

            // A later version of the upload may have its result already, which is not to be replaced.
            BlobProperties? present = await uploaded.FindAsync(cancellation).ConfigureAwait(false);
            if (present is not null && present.ETag != upload)
                return;
            if (await blob.TryReplaceAsync(json, "application/json", metadata, former?.ETag, cancellation).ConfigureAwait(false) is not null)
                return;
        }
    }

    private BlobClient BlobOf(UploadName name) => account.Container(StorageNames.Results).GetBlobClient(StorageNames.Result(name.Batch, name.File));
}
