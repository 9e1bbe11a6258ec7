using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace IpuNet.Service.Storage;

/// <summary>Writes that say whether somebody else was first.</summary>
internal static class BlobWrites
{
    /// <summary>Media type of JSON.</summary>
    public const string Json = "application/json";

    /// <summary>Media type of a picture.</summary>
    public const string Png = "image/png";

    /// <summary>Media type of a page.</summary>
    public const string Html = "text/html; charset=utf-8";

    /// <summary>Writes a blob that is not there yet.</summary>
    /// <returns>False where it is there, and stays as it is.</returns>
    /// <remarks>A write whose answer got lost, and that is then repeated, also gives false.</remarks>
    public static async Task<bool> TryCreateAsync(this BlobClient blob, ReadOnlyMemory<byte> json, CancellationToken cancellation) =>
        await TryReplaceAsync(blob, json, null, cancellation).ConfigureAwait(false) is not null;

    /// <summary>Writes a blob in place of the one that was read; where none was, one that is not there yet.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="json">UTF-8.</param>
    /// <param name="read">ETag of what was read; null where there was nothing.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The new ETag; null where somebody changed the blob meanwhile, and nothing was written.</returns>
    public static Task<ETag?> TryReplaceAsync(this BlobClient blob, ReadOnlyMemory<byte> json, ETag? read, CancellationToken cancellation) =>
        TryReplaceAsync(blob, json, Json, metadata: null, read, cancellation);

    /// <summary>Writes a blob of any type, with metadata, in place of the one that was read; where none was, one that is not there yet.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="content">All of it.</param>
    /// <param name="contentType">Its media type.</param>
    /// <param name="metadata">Its metadata; null for none.</param>
    /// <param name="read">ETag of what was read; null where there was nothing.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The new ETag; null where somebody changed the blob meanwhile, and nothing was written.</returns>
    public static async Task<ETag?> TryReplaceAsync(
        this BlobClient blob, ReadOnlyMemory<byte> content, string contentType, IDictionary<string, string>? metadata, ETag? read, CancellationToken cancellation)
    {
        var options = new BlobUploadOptions
        {
            Conditions = read is null ? new BlobRequestConditions { IfNoneMatch = ETag.All } : new BlobRequestConditions { IfMatch = read },
            HttpHeaders = new BlobHttpHeaders { ContentType = contentType },
            Metadata = metadata,
        };
        try
        {
            BlobContentInfo written = await blob.UploadAsync(new BinaryData(content), options, cancellation).ConfigureAwait(false);
            return written.ETag;
        }
        catch (RequestFailedException error) when (
            error.ErrorCode == BlobErrorCode.ConditionNotMet || error.ErrorCode == BlobErrorCode.BlobAlreadyExists)
        {
            return null;
        }
    }

    /// <summary>Deletes a blob as it was read or listed, with its snapshots.</summary>
    /// <returns>False where somebody changed it meanwhile, and it is still there; gone is gone, whoever deleted it.</returns>
    public static async Task<bool> TryDeleteAsync(this BlobClient blob, ETag? read, CancellationToken cancellation)
    {
        try
        {
            var conditions = new BlobRequestConditions { IfMatch = read };
            await blob.DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, conditions, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException error) when (error.ErrorCode == BlobErrorCode.ConditionNotMet)
        {
            return false;
        }
    }
}
