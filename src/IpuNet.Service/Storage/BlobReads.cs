using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces;

namespace IpuNet.Service.Storage;

/// <summary>Reads of blobs that may not be there.</summary>
internal static class BlobReads
{
    private const int NotFound = 404;

    /// <summary>A version as headers write it: listings leave the quotation marks out, so that the ETags themselves differ.</summary>
    public static string Text(this ETag version) => version.ToString("H");

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

    /// <summary>The content of a blob that somebody uploaded; one that is too long is not read.</summary>
    /// <param name="download">The blob.</param>
    /// <param name="maxBytes">Greatest length, bytes.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FaceDataException">It is longer.</exception>
    public static async Task<byte[]> ReadAsync(this BlobDownloadStreamingResult download, long maxBytes, CancellationToken cancellation)
    {
        long length = download.Details.ContentLength;
        if (length > maxBytes)
            throw new FaceDataException(string.Create(CultureInfo.InvariantCulture, $"the file has {length:N0} bytes, over the limit of {maxBytes:N0}"));
        byte[] data = new byte[length];
        await download.Content.ReadExactlyAsync(data, cancellation).ConfigureAwait(false);
        return data;
    }

    /// <summary>The content of a blob and its version; one that is too long is not read.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="maxBytes">Greatest length, bytes.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="FaceDataException">It is longer; the message does not name the blob.</exception>
    public static async Task<(byte[] Content, ETag Version)?> TryReadAsync(this BlobClient blob, long maxBytes, CancellationToken cancellation)
    {
        BlobDownloadStreamingResult? found = await blob.TryOpenAsync(cancellation).ConfigureAwait(false);
        if (found is null)
            return null;
        using BlobDownloadStreamingResult download = found;
        return (await download.ReadAsync(maxBytes, cancellation).ConfigureAwait(false), download.Details.ETag);
    }

    /// <summary>A blob whose content is not read yet; the caller disposes of it.</summary>
    /// <returns>Null where there is none.</returns>
    public static async Task<BlobDownloadStreamingResult?> TryOpenAsync(this BlobClient blob, CancellationToken cancellation)
    {
        try
        {
            return await blob.DownloadStreamingAsync(cancellationToken: cancellation).ConfigureAwait(false);
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
