using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;

namespace IpuNet.Service.Storage;

/// <summary>Reads blobs that may not exist.</summary>
internal static class BlobReads
{
    private const int NotFound = 404;

    /// <summary>An ETag as headers write it. Listings omit the quotation marks, so the ETags themselves differ.</summary>
    public static string Text(this ETag version) => version.ToString("H");

    /// <summary>Finds a blob's properties.</summary>
    /// <returns>Null if the blob does not exist.</returns>
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

    /// <summary>Reads the content of an upload, if it is not too large.</summary>
    /// <param name="download">The blob.</param>
    /// <param name="maxBytes">The maximum size, in bytes.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="FaceDataException">The content is larger than <paramref name="maxBytes"/>.</exception>
    public static async Task<byte[]> ReadAsync(this BlobDownloadStreamingResult download, long maxBytes, CancellationToken cancellation)
    {
        long length = download.Details.ContentLength;
        if (length > maxBytes)
            throw new FaceDataException(string.Create(
                CultureInfo.InvariantCulture, $"the file has {length:N0} bytes, over the limit of {maxBytes:N0}"));
        byte[] data = new byte[length];
        await download.Content.ReadExactlyAsync(data, cancellation).ConfigureAwait(false);
        return data;
    }

    /// <summary>Reads the content and the version of a blob, if it is not too large.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="maxBytes">The maximum size, in bytes.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>Null if the blob does not exist.</returns>
    /// <exception cref="FaceDataException">
    /// The content is larger than <paramref name="maxBytes"/>. The message does not name the blob.
    /// </exception>
    public static async Task<(byte[] Content, ETag Version)?> TryReadAsync(
        this BlobClient blob, long maxBytes, CancellationToken cancellation)
    {
        BlobDownloadStreamingResult? found = await blob.TryOpenAsync(cancellation).ConfigureAwait(false);
        if (found is null)
            return null;
        using BlobDownloadStreamingResult download = found;
        return (await download.ReadAsync(maxBytes, cancellation).ConfigureAwait(false), download.Details.ETag);
    }

    /// <summary>Opens a blob without reading its content. The caller must dispose of it.</summary>
    /// <returns>Null if the blob does not exist.</returns>
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

    /// <summary>Reads a blob with its content.</summary>
    /// <returns>Null if the blob does not exist.</returns>
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
