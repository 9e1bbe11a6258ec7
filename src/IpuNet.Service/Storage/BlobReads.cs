using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace IpuNet.Service.Storage;

/// <summary>Reads of blobs that may not be there.</summary>
internal static class BlobReads
{
    private const int NotFound = 404;

    /// <summary>What is known of a blob.</summary>
    /// <returns>Null where there is none.</returns>
    public static async Task<BlobProperties?> FindAsync(this BlobClient blob, CancellationToken cancellation)
    {
        try
        {
            return await blob.GetPropertiesAsync(cancellationToken: cancellation).ConfigureAwait(false);
        }
        catch (RequestFailedException error) when (error.Status == NotFound)
        {
            return null;
        }
    }

    /// <summary>A blob with its content.</summary>
    /// <returns>Null where there is none.</returns>
    public static async Task<BlobDownloadResult?> TryReadAsync(this BlobClient blob, CancellationToken cancellation)
    {
        try
        {
            return await blob.DownloadContentAsync(cancellation).ConfigureAwait(false);
        }
        catch (RequestFailedException error) when (error.Status == NotFound)
        {
            return null;
        }
    }
}
