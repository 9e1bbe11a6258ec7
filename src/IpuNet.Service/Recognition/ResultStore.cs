using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Service.Intake;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Recognition;

/// <summary>The results of uploads with their pictures: of each version of an upload one, and none of an earlier version in its place.</summary>
internal sealed class ResultStore(StorageAccount account)
{
    private readonly BlobContainerClient _results = account.Container(StorageNames.Results);
    private readonly BlobContainerClient _uploads = account.Container(StorageNames.Uploads);

    /// <summary>The result that is there of an upload, of whichever version of it.</summary>
    /// <returns>Null where there is none.</returns>
    public async Task<FormerResult?> FindAsync(UploadName upload, CancellationToken cancellation) =>
        FormerResult.Of(await ResultOf(upload).FindAsync(cancellation).ConfigureAwait(false));

    /// <summary>Writes a result, unless there is one of the same version.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="json">The result.</param>
    /// <param name="metadata">What it says of itself, the upload's version among it.</param>
    /// <param name="former">The result that is replaced, as far as is known; null where none is.</param>
    /// <param name="replacing">Is called before a result is replaced.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>ETag of the result; null where the upload is another one by now and has a result, which stays.</returns>
    public Task<ETag?> TryWriteAsync(
        UploadName upload, byte[] json, ResultMetadata metadata, FormerResult? former, Func<FormerResult, Task>? replacing, CancellationToken cancellation) =>
        TryWriteAsync(upload, ResultOf(upload), json, BlobWrites.Json, metadata.ToDictionary(), former, replacing, cancellation);

    /// <summary>Writes the picture of a face, unless there is one of the same version.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="face">The face's place in the result, from 0.</param>
    /// <param name="png">The picture.</param>
    /// <param name="uploadETag">Version of the upload.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>ETag of the picture; null where the upload is another one by now and has a picture, which stays.</returns>
    public Task<ETag?> TryWritePictureAsync(UploadName upload, int face, byte[] png, string uploadETag, CancellationToken cancellation) =>
        TryWriteAsync(upload, PictureOf(upload, face), png, BlobWrites.Png, ResultMetadata.Of(uploadETag), former: null, replacing: null, cancellation);

    /// <summary>Deletes the picture of a face.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="face">The face's place in the result, from 0.</param>
    /// <param name="version">The picture's only version that is deleted; null for any.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task DeletePictureAsync(UploadName upload, int face, ETag? version, CancellationToken cancellation)
    {
        try
        {
            await PictureOf(upload, face).DeleteIfExistsAsync(
                conditions: version is null ? null : new BlobRequestConditions { IfMatch = version }, cancellationToken: cancellation).ConfigureAwait(false);
        }
        catch (RequestFailedException error) when (error.ErrorCode == BlobErrorCode.ConditionNotMet)
        {
            // It is somebody else's by now.
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

    private BlobClient PictureOf(UploadName upload, int face) => _results.GetBlobClient(StorageNames.FacePicture(upload.Batch, upload.File, face));
}

/// <summary>A result, or the picture of a face, that is there already.</summary>
/// <param name="ETag">Its own version.</param>
/// <param name="UploadETag">Version of the upload that it is of; null where it does not say.</param>
/// <param name="Faces">How many faces the result has; 0 for a picture.</param>
internal sealed record FormerResult(ETag ETag, string? UploadETag, int Faces)
{
    /// <summary>Whether it is about this version of an upload.</summary>
    public bool IsOf(ETag upload) => UploadETag is { } version && ResultMetadata.AreSame(version, upload);

    public static FormerResult? Of(BlobProperties? blob) =>
        blob is null ? null : new FormerResult(blob.ETag, ResultMetadata.VersionOf(blob.Metadata), ResultMetadata.From(blob.Metadata)?.Faces ?? 0);
}
