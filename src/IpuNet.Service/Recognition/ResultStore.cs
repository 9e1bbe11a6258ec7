using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Recognition;

/// <summary>
/// Stores the results of uploads and their pictures: one per version of an upload. The result of an earlier version never replaces a later
/// one.
/// </summary>
internal sealed class ResultStore(StorageAccount account)
{
    private readonly BlobContainerClient _results = account.Container(StorageNames.Results);
    private readonly BlobContainerClient _uploads = account.Container(StorageNames.Uploads);

    /// <summary>Finds the result of an upload, of any version.</summary>
    /// <returns>Null if there is no result.</returns>
    public async Task<FormerResult?> FindAsync(UploadName upload, CancellationToken cancellation) =>
        FormerResult.Of(await ResultOf(upload).FindAsync(cancellation).ConfigureAwait(false));

    /// <summary>Writes a result, unless one of the same version exists.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="json">The result.</param>
    /// <param name="metadata">The result's metadata, including the upload's version.</param>
    /// <param name="former">The result to be replaced, if known; null if there is none.</param>
    /// <param name="replacing">Called before a result is replaced.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The ETag of the result; null if the upload was replaced and the new version has a result, which stays.</returns>
    public Task<ETag?> TryWriteAsync(
        UploadName upload, byte[] json, ResultMetadata metadata, FormerResult? former, Func<FormerResult, Task>? replacing,
        CancellationToken cancellation) =>
        TryWriteAsync(upload, ResultOf(upload), json, BlobWrites.Json, metadata.ToDictionary(), former, replacing, cancellation);

    /// <summary>Writes the picture of a face, unless one of the same version exists.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="face">The face's place in the result, from 0.</param>
    /// <param name="png">The picture.</param>
    /// <param name="uploadETag">The ETag of the upload.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The ETag of the picture; null if the upload was replaced and the new version has a picture, which stays.</returns>
    public Task<ETag?> TryWritePictureAsync(UploadName upload, int face, byte[] png, string uploadETag, CancellationToken cancellation) =>
        TryWriteAsync(
            upload, PictureOf(upload, face), png, BlobWrites.Png, ResultMetadata.Of(uploadETag), former: null, replacing: null,
            cancellation);

    /// <summary>Deletes the picture of a face.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="face">The face's place in the result, from 0.</param>
    /// <param name="version">The only version of the picture to delete; null for any.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    public async Task DeletePictureAsync(UploadName upload, int face, ETag? version, CancellationToken cancellation)
    {
        try
        {
            await PictureOf(upload, face).DeleteIfExistsAsync(
                conditions: version is null ? null : new BlobRequestConditions { IfMatch = version },
                cancellationToken: cancellation).ConfigureAwait(false);
        }
        catch (RequestFailedException error) when (error.ErrorCode == BlobErrorCode.ConditionNotMet)
        {
            // Another writer has replaced the picture.
        }
    }

    private async Task<ETag?> TryWriteAsync(
        UploadName upload, BlobClient blob, byte[] content, string contentType, IDictionary<string, string> metadata, FormerResult? former,
        Func<FormerResult, Task>? replacing, CancellationToken cancellation)
    {
        string? version = ResultMetadata.VersionOf(metadata);
        while (true)
        {
            if (former is not null && replacing is not null)
                await replacing(former).ConfigureAwait(false);
            if (await blob.TryReplaceAsync(content, contentType, metadata, former?.ETag, cancellation).ConfigureAwait(false) is { } written)
                return written;
            former = FormerResult.Of(await blob.FindAsync(cancellation).ConfigureAwait(false));
            if (former is not null && former.UploadETag == version)
                return former.ETag;
            BlobProperties? now = await _uploads.GetBlobClient(upload.Blob).FindAsync(cancellation).ConfigureAwait(false);
            if (now is not null && now.ETag.ToString() != version)
                return null;
        }
    }

    private BlobClient ResultOf(UploadName upload) => _results.GetBlobClient(StorageNames.Result(upload.Batch, upload.File));

    private BlobClient PictureOf(UploadName upload, int face) =>
        _results.GetBlobClient(StorageNames.FacePicture(upload.Batch, upload.File, face));
}

/// <summary>An existing result, or an existing picture of a face.</summary>
/// <param name="ETag">The blob's ETag.</param>
/// <param name="UploadETag">The version of the upload; null if the blob does not state it.</param>
/// <param name="Faces">The number of faces in the result; 0 for a picture.</param>
internal sealed record FormerResult(ETag ETag, string? UploadETag, int Faces)
{
    /// <summary>Whether the blob is about this version of an upload.</summary>
    public bool IsOf(ETag upload) => UploadETag is { } version && ResultMetadata.AreSame(version, $"{upload}");

    public static FormerResult? Of(BlobProperties? blob) =>
        blob is null
            ? null
            : new FormerResult(blob.ETag, ResultMetadata.VersionOf(blob.Metadata), ResultMetadata.From(blob.Metadata)?.Faces ?? 0);
}
