using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Recognition;

/// <summary>Downloads images, unless they have their result already.</summary>
internal sealed class ImageFetcher(StorageAccount account, long maxBytes)
{
    private const int NotModified = 304, NotFound = 404;

    private readonly ResultStore _results = new(account);

    /// <returns>Null where the result is there.</returns>
    public async Task<FetchedImage?> FetchAsync(ImageJob job, CancellationToken cancellation)
    {
        using var stage = PipelineStage.Begin("download", [job.Trace]);
        BlobProperties? former = await _results.FindAsync(job.Upload, cancellation).ConfigureAwait(false);
        ResultMetadata? result = former is null ? null : ResultMetadata.From(former.Metadata);
        BlobClient upload = account.Container(StorageNames.Uploads).GetBlobClient(job.Upload.Blob);
        // One request finds out whether the upload is still the one that the result is about, and gets it where not.
        var options = new BlobDownloadOptions { Conditions = result is { UploadETag.Length: > 0 } ? new() { IfNoneMatch = new ETag(result.UploadETag) } : null };
        try
        {
            Response<BlobDownloadStreamingResult> response = await upload.DownloadStreamingAsync(options, cancellation).ConfigureAwait(false);
            if (response.GetRawResponse().Status == NotModified)
                return null;
            using BlobDownloadStreamingResult download = response.Value;
            string version = download.Details.ETag.ToString();
            try
            {
                byte[] data = await download.ReadAsync(maxBytes, cancellation).ConfigureAwait(false);
                return new FetchedImage(job, version, () => data, former?.ETag, result?.Faces ?? 0) { Size = data.Length };
            }
            catch (FaceDataException tooLong)
            {
                return new FetchedImage(job, version, () => throw tooLong, former?.ETag, result?.Faces ?? 0);
            }
        }
        catch (RequestFailedException error) when (error.Status == NotModified)
        {
            return null;
        }
        catch (RequestFailedException error) when (error.Status == NotFound)
        {
            // Uploads may be deleted once they have a result.
            return former is not null
                ? null
                : new FetchedImage(job, ResultMetadata.NoUpload, () => throw new FileNotFoundException("the upload is not there; upload it again"), null, 0);
        }
    }
}
