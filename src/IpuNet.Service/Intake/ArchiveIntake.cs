using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Intake;

/// <summary>Uploads the images of an archive as <c>uploads/{batch}/{file}.zip/{image}</c>.</summary>
internal sealed class ArchiveIntake(StorageAccount account, UploadLimits limits)
{
    // The metadata key for the version of the archive that an image was unpacked from.
    private const string ArchiveKey = "archive";

    private const int UploadsAtOnce = 4;

    private readonly BlobContainerClient _uploads = account.Container(StorageNames.Uploads);

    /// <summary>Whether an upload was unpacked from an archive. Such an upload needs no intake.</summary>
    public static bool IsUnpacked(IDictionary<string, string> metadata) => metadata.ContainsKey(ArchiveKey);

    /// <summary>Unpacks one version of an archive. Images from an earlier attempt are kept.</summary>
    /// <param name="name">The archive.</param>
    /// <param name="version">The archive's ETag.</param>
    /// <param name="request">The options of the archive, which its images get too.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The archive's result, and its images as messages name them.</returns>
    /// <exception cref="RequestFailedException">The archive was replaced (status 412), or storage cannot be used.</exception>
    /// <exception cref="UnreadableBlobException">The archive's content is lost.</exception>
    public async Task<(ArchiveAnswer Answer, IReadOnlyList<string> Images)> UnpackAsync(
        UploadName name, ETag version, UploadRequest request, CancellationToken cancellation)
    {
        BlobClient blob = _uploads.GetBlobClient(name.Blob);
        try
        {
            return await UnpackAsync(blob, name, version, request, cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (UnreadableBlobs.IsAboutContent(error) && !cancellation.IsCancellationRequested)
        {
            // The error may come from writing an image. This reads the whole archive and throws UnreadableBlobException if its content is
            // lost.
            await blob.ReadingAsync(() => blob.DownloadToAsync(Stream.Null, cancellation), cancellation).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<(ArchiveAnswer Answer, IReadOnlyList<string> Images)> UnpackAsync(
        BlobClient blob, UploadName name, ETag version, UploadRequest request, CancellationToken cancellation)
    {
        List<string> images = [];
        try
        {
            Stream source = await blob
                .OpenReadAsync(
                    new BlobOpenReadOptions(allowModifications: false) { Conditions = new BlobRequestConditions { IfMatch = version } },
                    cancellation).ConfigureAwait(false);
            await using (source.ConfigureAwait(false))
            {
                ImageArchive archive = await ImageArchive.OpenAsync(name.File, source, limits, cancellation).ConfigureAwait(false);
                await using (archive.ConfigureAwait(false))
                {
                    var metadata = request.ToMetadata();
                    metadata[ArchiveKey] = version.ToString();
                    var atOnce = new ParallelOptions { MaxDegreeOfParallelism = UploadsAtOnce, CancellationToken = cancellation };
                    await Parallel.ForEachAsync(archive.ReadAsync(cancellation), atOnce, async (image, stop) =>
                    {
                        var unpacked = name with { File = $"{name.File}/{image.Name}" };
                        await UploadAsync(unpacked, image.Content, metadata, stop).ConfigureAwait(false);
                        lock (images)
                            images.Add(unpacked.Image);
                    }).ConfigureAwait(false);
                    images.Sort(StringComparer.Ordinal);
                    return (Answer(name, archive), images);
                }
            }
        }
        catch (FaceDataException damage)
        {
            return (Answer(name, new ArchiveEntries(0, 0, []), damage.Message), []);
        }
    }

    private static ArchiveAnswer Answer(UploadName name, ImageArchive archive) => Answer(
        name,
        new ArchiveEntries(archive.Accepted, archive.Skipped, archive.Refused),
        archive.Accepted > 0 ? null
            : archive.Refused.Count > 0 ? "none of its entries can be used; 'entries' has the reasons"
            : "it contains no image");

    private static ArchiveAnswer Answer(UploadName name, ArchiveEntries entries, string? fault) => new()
    {
        BatchId = name.Batch,
        Image = name.Image,
        Status = fault is null ? ImageStatus.Ok : ImageStatus.Rejected,
        Reason = fault,
        Entries = entries,
    };

    private async Task UploadAsync(UploadName name, byte[] content, IDictionary<string, string> metadata, CancellationToken cancellation)
    {
        BlobClient blob = _uploads.GetBlobClient(name.Blob);
        ETag? former = null;
        const string type = "application/octet-stream";
        while (await blob.TryReplaceAsync(content, type, metadata, former, cancellation).ConfigureAwait(false) is null)
        {
            BlobProperties? present = await blob.FindAsync(cancellation).ConfigureAwait(false);
            if (present is not null && present.Metadata.TryGetValue(ArchiveKey, out string? version) && version == metadata[ArchiveKey])
                return;
            former = present?.ETag;
        }
    }
}
