using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Service.Intake;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Recognition;

/// <summary>The results of uploads: of each version of an upload one, and none of an earlier version in its place.</summary>
internal sealed class ResultStore(StorageAccount account)
{
    private readonly BlobContainerClient _results = account.Container(StorageNames.Results);

    /// <summary>What is there of an upload, of whichever version of it.</summary>
    /// <returns>Null where there is nothing.</returns>
    public Task<BlobProperties?> FindAsync(UploadName upload, CancellationToken cancellation) => BlobOf(upload).FindAsync(cancellation);

    /// <summary>Writes a result, unless there is one of the same version.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="json">The result.</param>
    /// <param name="metadata">What it says of itself, the upload's version among it.</param>
    /// <param name="former">Version of the result that is replaced, as far as is known; null where none is.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>False where the upload is another one by now and has a result, which stays.</returns>
    public async Task<bool> TryWriteAsync(UploadName upload, byte[] json, ResultMetadata metadata, ETag? former, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(upload), uploaded = account.Container(StorageNames.Uploads).GetBlobClient(upload.Blob);
        while (await blob.TryReplaceAsync(json, BlobWrites.Json, metadata.ToDictionary(), former, cancellation).ConfigureAwait(false) is null)
        {
            BlobProperties? present = await blob.FindAsync(cancellation).ConfigureAwait(false);
            if (present is not null && ResultMetadata.From(present.Metadata)?.UploadETag == metadata.UploadETag)
                return true;
            BlobProperties? now = await uploaded.FindAsync(cancellation).ConfigureAwait(false);
            if (now is not null && now.ETag.ToString() != metadata.UploadETag)
                return false;
            former = present?.ETag;
        }

        return true;
    }

    private BlobClient BlobOf(UploadName upload) => _results.GetBlobClient(StorageNames.Result(upload.Batch, upload.File));
}
