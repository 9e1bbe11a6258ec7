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
    /// <exception cref="UnreadableBlobException">Its content is lost.</exception>
    public async Task<FetchedImage?> FetchAsync(ImageJob job, CancellationToken cancellation)
    {
        using var stage = PipelineStage.Begin("download", [job.Trace]);
        FormerResult? former = job.IsNew ? null : await _results.FindAsync(job.Upload, cancellation).ConfigureAwait(false);
        BlobClient upload = account.Container(StorageNames.Uploads).GetBlobClient(job.Upload.Blob);
        // One request finds out whether the upload is still the one that the result is about, and gets it where not.
        var options = new BlobDownloadOptions { Conditions = former is { UploadETag.Length: > 0 } ? new() { IfNoneMatch = new ETag(former.UploadETag) } : null };
        try
        {
            return await upload.ReadingAsync(() => DownloadAsync(), cancellation).ConfigureAwait(false);
        }
        catch (RequestFailedException error) when (error.Status == NotModified)
        {
            return null;
        }
        catch (RequestFailedException error) when (error.Status == NotFound)
        {
            // Uploads may be deleted once they have a result.
            return await _results.FindAsync(job.Upload, cancellation).ConfigureAwait(false) is not null
                ? null
                : new FetchedImage(job, ResultMetadata.NoUpload, () => throw new FileNotFoundException("the upload is not there; upload it again"), null);
        }

        async Task<FetchedImage?> DownloadAsync()
        {
            Response<BlobDownloadStreamingResult> response = await upload.DownloadStreamingAsync(options, cancellation).ConfigureAwait(false);
            if (response.GetRawResponse().Status == NotModified)
                return null;
            using BlobDownloadStreamingResult download = response.Value;
            string version = download.Details.ETag.ToString();
            try
            {
                byte[] data = await download.ReadAsync(maxBytes, cancellation).ConfigureAwait(false);
                return new FetchedImage(job, version, () => data, former) { Size = data.Length };
            }
            catch (FaceDataException tooLong)
            {
                return new FetchedImage(job, version, () => throw tooLong, former);
            }
        }
    }
}
