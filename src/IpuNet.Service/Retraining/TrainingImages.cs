using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Files;
using IpuNet.Faces.Imaging;
using IpuNet.Service.Galleries;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Retraining;

/// <summary>
/// Downloads the images for a training from <see cref="StorageNames.Training"/> to this machine: <c>{identity}/{file}</c>, and
/// <c>_fixed/{identity}/{file}</c> for the fixed evaluation set. Unchanged images are not downloaded again. Images that were deleted in
/// storage are deleted here. People without images are also removed from the reports of earlier trainings.
/// </summary>
public sealed class TrainingImages
{
    private readonly BlobContainerClient _container;
    private readonly TrainingImageLimits _limits;
    private readonly RetrainingPages _pages;

    /// <summary>Prepares for an account. Sends nothing.</summary>
    /// <param name="account">The storage account.</param>
    /// <param name="limits">The limits of the images.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ValidationException">A limit is out of its range.</exception>
    public TrainingImages(StorageAccount account, TrainingImageLimits limits, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(account);
        Validator.ValidateObject(limits, new ValidationContext(limits), validateAllProperties: true);
        (_container, _limits, _pages) = (account.Container(StorageNames.Training), limits, new RetrainingPages(account, time));
    }

    /// <summary>Downloads the images into a folder. An interrupted run continues the next time.</summary>
    /// <param name="folder">The folder, used for nothing else. A missing folder is created.</param>
    /// <param name="until">
    /// Blobs that were written later, by the storage clock, are ignored. So a training that continues on another machine has the same
    /// images.
    /// </param>
    /// <param name="progress">Receives the progress, from several threads but one at a time; null for none.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="FaceDataException">There are too many images, or their total size is too large.</exception>
    /// <exception cref="IOException">The folder cannot be written to, or another process uses it.</exception>
    public async Task<TrainingImageSet> SyncAsync(
        string folder, DateTimeOffset until, IProgress<TrainingSync>? progress, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var files = new TrainingImageFiles(folder);
        await using var alone = new FileStream($"{files.IndexPath}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var refused = new RefusedImages();
        var (listed, identities) = await ListAsync(until, refused, cancellation).ConfigureAwait(false);
        TrainingImageIndex index = await TrainingImageIndex.ReadAsync(files.IndexPath, cancellation).ConfigureAwait(false);

        // Deletions come first: they must succeed even if the rest fails.
        index.KeepOnly(listed.Select(image => image.Blob));
        files.DeleteOthers(listed.Select(image => files.PathOf(image.Blob)));
        await index.SaveAsync(cancellation).ConfigureAwait(false);
        int strips = await _pages.KeepOnlyAsync(identities, cancellation).ConfigureAwait(false);
        var sync = new TrainingImageSync(_container, files, index, refused, progress);
        return new TrainingImageSet(await sync.BringAsync(listed, cancellation).ConfigureAwait(false), refused.ToDictionary())
        {
            StripsRemoved = strips,
        };
    }

    // The identities include people whose images are all too late or refused.
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

/// <summary>A training image on this machine.</summary>
/// <param name="Identity">The identity of the person in the image.</param>
/// <param name="Blob">The blob's name in storage.</param>
/// <param name="Path">The file's path. It does not reveal the identity.</param>
/// <param name="Sha256">The SHA-256 of the file, lower-case hexadecimal.</param>
/// <param name="IsFixed">Whether the image belongs to the fixed evaluation set, which is never used for training.</param>
public sealed record TrainingImage(string Identity, string Blob, string Path, string Sha256, bool IsFixed);

/// <summary>The images for a training.</summary>
/// <param name="Images">The images, sorted by <see cref="TrainingImage.Blob"/> in ordinal order.</param>
/// <param name="Refused">The number of refused blobs, by category: "identity", "name", "extension", "size", "checksum".</param>
public sealed record TrainingImageSet(IReadOnlyList<TrainingImage> Images, IReadOnlyDictionary<string, int> Refused)
{
    /// <summary>The number of pictures removed from the reports of earlier trainings because the person has no images any more.</summary>
    public int StripsRemoved { get; init; }
}

/// <summary>The progress of the download.</summary>
/// <param name="Done">The number of images on this machine, including those that were there before.</param>
/// <param name="Total">The number of all images.</param>
/// <param name="Downloaded">The number of downloaded images.</param>
public readonly record struct TrainingSync(int Done, int Total, int Downloaded);

/// <summary>The limits of the images for a training. They are checked before an image is downloaded.</summary>
public sealed record TrainingImageLimits
{
    /// <summary>The maximum size of an image file, in bytes. A larger image is refused, and the others are used.</summary>
    /// <value>32 MiB by default; 1 byte to 256 MiB. Eight are in memory at a time.</value>
    [Range(1, 256L << 20)]
    public long MaxImageBytes { get; init; } = ImageLimits.Default.MaxBytes;

    /// <summary>The maximum number of images. If there are more, none is used.</summary>
    /// <value>1,000,000 by default; 1 to 100,000,000.</value>
    [Range(1, 100_000_000)]
    public int MaxImages { get; init; } = 1_000_000;

    /// <summary>The maximum total size of all images, in bytes. If they are larger, none is used.</summary>
    /// <value>100 GiB by default; at least 1 byte.</value>
    [Range(1, long.MaxValue)]
    public long MaxTotalBytes { get; init; } = 100L << 30;
}

/// <summary>
/// The files of the training images on this machine. A file's name is a hash of the blob's name, so no name from storage becomes a path.
/// </summary>
internal sealed class TrainingImageFiles
{
    private const string ImageFolder = "images";

    private readonly string _folder;

    /// <summary>Creates the folder if it is missing, and makes it private to its user.</summary>
    public TrainingImageFiles(string folder)
    {
        _folder = Path.Combine(Path.GetFullPath(folder), ImageFolder);
        PrivateFolder.Open(_folder);
        IndexPath = Path.Combine(Path.GetFullPath(folder), "index.jsonl");
    }

    public string IndexPath { get; }

    /// <summary>The path of an image's file. The files are spread over 256 folders.</summary>
    public string PathOf(string blob)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(blob)));
        string extension = ImageFiles.HasImageExtension(blob) ? Path.GetExtension(blob).ToLowerInvariant() : "";
        return Path.Combine(_folder, hash[..2], hash + extension);
    }

    /// <summary>Whether a file is unchanged since it was written.</summary>
    public static async Task<bool> IsIntactAsync(string path, IndexedImage written, CancellationToken cancellation)
    {
        var info = new FileInfo(path);
        if (!info.Exists || info.Length != written.Length)
            return false;
        await using FileStream file = info.OpenRead();
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation).ConfigureAwait(false)) == written.Sha256;
    }

    /// <summary>Deletes all other files, including those of interrupted downloads.</summary>
    public void DeleteOthers(IEnumerable<string> paths)
    {
        var kept = paths.ToHashSet(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Where(file => !kept.Contains(file)))
            File.Delete(file);
    }
}

/// <summary>A training image in the listing of the container.</summary>
/// <param name="Name">The parsed name, with the identity.</param>
/// <param name="Blob">The blob's name in storage.</param>
/// <param name="Length">The size in bytes.</param>
/// <param name="ETag">The ETag of the blob.</param>
/// <param name="Md5">MD5 of the content; null if storage has none.</param>
internal sealed record ListedImage(TrainingImageName Name, string Blob, long Length, ETag ETag, byte[]? Md5)
{
    /// <summary>The version as the index stores it.</summary>
    public string Version => ETag.ToString("H");

    public static ListedImage Of(TrainingImageName name, BlobItem blob) =>
        new(
            name, blob.Name, blob.Properties.ContentLength ?? 0, blob.Properties.ETag ?? default,
            blob.Properties.ContentHash is { Length: > 0 } md5 ? md5 : null);
}

/// <summary>Counts refused images by category. It keeps no image names, because they name people.</summary>
internal sealed class RefusedImages
{
    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);

    public void Add(string category) => _counts.AddOrUpdate(category, 1, (_, count) => count + 1);

    public IReadOnlyDictionary<string, int> ToDictionary() => new SortedDictionary<string, int>(_counts, StringComparer.Ordinal);
}
