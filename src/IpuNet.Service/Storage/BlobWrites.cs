using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace IpuNet.Service.Storage;

/// <summary>Writes blobs only if nobody else changed them meanwhile.</summary>
internal static class BlobWrites
{
    /// <summary>The media type of JSON.</summary>
    public const string Json = "application/json";

    /// <summary>The media type of PNG pictures.</summary>
    public const string Png = "image/png";

    /// <summary>The media type of HTML pages.</summary>
    public const string Html = "text/html; charset=utf-8";

    /// <summary>Writes a new blob.</summary>
    /// <returns>False if the blob exists; it stays unchanged.</returns>
    /// <remarks>A write that is repeated because its answer was lost also returns false.</remarks>
    public static async Task<bool> TryCreateAsync(this BlobClient blob, ReadOnlyMemory<byte> json, CancellationToken cancellation) =>
        await TryReplaceAsync(blob, json, null, cancellation).ConfigureAwait(false) is not null;

    /// <summary>Replaces a blob that was read, or writes a new blob if none was read.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="json">UTF-8.</param>
    /// <param name="read">The ETag that was read; null if there was no blob.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The new ETag; null if somebody changed the blob meanwhile; then nothing is written.</returns>
    public static Task<ETag?> TryReplaceAsync(
        this BlobClient blob, ReadOnlyMemory<byte> json, ETag? read, CancellationToken cancellation) =>
        TryReplaceAsync(blob, json, Json, metadata: null, read, cancellation);

    /// <summary>
    /// Replaces a blob of any type that was read, or writes a new blob if none was read. Sets its metadata.
    /// </summary>
    /// <param name="blob">The blob.</param>
    /// <param name="content">The whole content.</param>
    /// <param name="contentType">The media type.</param>
    /// <param name="metadata">The metadata; null for none.</param>
    /// <param name="read">The ETag that was read; null if there was no blob.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The new ETag; null if somebody changed the blob meanwhile; then nothing is written.</returns>
    public static async Task<ETag?> TryReplaceAsync(
        this BlobClient blob, ReadOnlyMemory<byte> content, string contentType, IDictionary<string, string>? metadata, ETag? read,
        CancellationToken cancellation)
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

    /// <summary>Deletes a blob in the version that was read or listed, with its snapshots.</summary>
    /// <returns>False if somebody changed the blob meanwhile and it still exists; true if it is gone, no matter who deleted it.</returns>
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
