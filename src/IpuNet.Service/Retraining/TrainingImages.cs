using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Retraining;

/// <summary>
/// Brings the images for a training from <see cref="StorageNames.Training"/> to this machine: <c>{identity}/{file}</c>, and
/// <c>_fixed/{identity}/{file}</c> for the fixed evaluation set. What is here is not downloaded again, and what is gone there goes here. Whoever has no
/// image there any more goes from the pages about earlier trainings, too.
/// </summary>
public sealed class TrainingImages
{
    private readonly BlobContainerClient _container;
    private readonly TrainingImageLimits _limits;
    private readonly RetrainingPages _pages;

    /// <summary>Prepares for an account; nothing is sent.</summary>
    /// <param name="account">The storage account.</param>
    /// <param name="limits">What the images may cost.</param>
    /// <param name="time">The time.</param>
    /// <exception cref="ValidationException">A limit is out of its range.</exception>
    public TrainingImages(StorageAccount account, TrainingImageLimits limits, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(account);
        Validator.ValidateObject(limits, new ValidationContext(limits), validateAllProperties: true);
        (_container, _limits, _pages) = (account.Container(StorageNames.Training), limits, new RetrainingPages(account, time));
    }

    /// <summary>Brings the images into a folder. Cut off, it goes on the next time.</summary>
    /// <param name="folder">The folder, for this alone; it is made where it is missing.</param>
    /// <param name="until">Blobs that were written later, by the clock of storage, are not looked at: so a training that goes on elsewhere has the same images.</param>
    /// <param name="progress">Is told how far it is, from several threads but one at a time.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FaceDataException">There are too many images, or they are too long together.</exception>
    /// <exception cref="IOException">The folder cannot be written to, or another process is at it.</exception>
    public async Task<TrainingImageSet> SyncAsync(string folder, DateTimeOffset until, IProgress<TrainingSync>? progress, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var files = new TrainingImageFiles(folder);
        await using var alone = new FileStream($"{files.IndexPath}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var refused = new RefusedImages();
        var (listed, identities) = await ListAsync(until, refused, cancellation).ConfigureAwait(false);
        TrainingImageIndex index = await TrainingImageIndex.ReadAsync(files.IndexPath, cancellation).ConfigureAwait(false);

        // First of all: who was deleted has to be gone, whatever becomes of the rest.
        index.KeepOnly(listed.Select(image => image.Blob));
        files.DeleteOthers(listed.Select(image => files.PathOf(image.Blob)));
        await index.SaveAsync(cancellation).ConfigureAwait(false);
        int strips = await _pages.KeepOnlyAsync(identities, cancellation).ConfigureAwait(false);
        var sync = new TrainingImageSync(_container, files, index, refused, progress);
        return new TrainingImageSet(await sync.BringAsync(listed, cancellation).ConfigureAwait(false), refused.ToDictionary()) { StripsRemoved = strips };
    }

    // Also those have images who have later ones only, or such as are refused.
    private async Task<(IReadOnlyList<ListedImage> Images, IReadOnlyCollection<string> Identities)> ListAsync(
        DateTimeOffset until, RefusedImages refused, CancellationToken cancellation)
    {
        List<ListedImage> images = [];
        HashSet<string> identities = new(StringComparer.Ordinal);
        long bytes = 0;
        await foreach (BlobItem blob in _container.GetBlobsAsync(cancellationToken: cancellation).ConfigureAwait(false))
        {
            TrainingImageName? name = TrainingImageName.Parse(blob.Name, out string category);
            if (name is not null)
                identities.Add(name.Identity);
            if (blob.Properties.LastModified > until)
                continue;
            if (name is not null && blob.Properties.ContentLength > _limits.MaxImageBytes)
                (name, category) = (null, "size");
            if (name is null)
            {
                refused.Add(category);
                continue;
            }

            var image = ListedImage.Of(name, blob);
            images.Add(image);
            bytes += image.Length;
            if (images.Count > _limits.MaxImages)
                throw TooMuch($"more than {_limits.MaxImages:N0} images", nameof(TrainingImageLimits.MaxImages));
            if (bytes > _limits.MaxTotalBytes)
                throw TooMuch($"images of more than {_limits.MaxTotalBytes:N0} bytes together", nameof(TrainingImageLimits.MaxTotalBytes));
        }

        images.Sort((a, b) => string.CompareOrdinal(a.Blob, b.Blob));
        return (images, identities);
    }

    private static FaceDataException TooMuch(FormattableString what, string limit) =>
        new($"The container '{StorageNames.Training}' holds {what.ToString(CultureInfo.InvariantCulture)}. Remove some, or raise {limit}.");
}
