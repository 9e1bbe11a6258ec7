using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces.Files;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Retraining;

/// <summary>One download of training images: checks those on this machine and downloads the others.</summary>
internal sealed class TrainingImageSync(
    BlobContainerClient container, TrainingImageFiles files, TrainingImageIndex index, RefusedImages refused,
    IProgress<TrainingSync>? progress)
{
    private const int AtOnce = 8, Attempts = 2;

    // If the process is killed, at most these downloads, or a tenth of all, are lost. The index grows with the images and is always written
    // as a whole.
    private const int LeastBetweenSaves = 500;
    private const double ShareBetweenSaves = 0.1;

    private readonly Lock _lock = new();
    private int _done, _downloaded, _unsaved, _isSaving;

    /// <returns>The images, in the listing's order.</returns>
    public async Task<IReadOnlyList<TrainingImage>> BringAsync(IReadOnlyList<ListedImage> listed, CancellationToken cancellation)
    {
        var brought = new TrainingImage?[listed.Count];
        try
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
            await Parallel.ForAsync(0, listed.Count, parallel, async (i, stop) =>
            {
                (brought[i], bool isNew) = await BringAsync(listed[i], stop).ConfigureAwait(false);
                Report(listed.Count, isNew);
                if (isNew)
                    await SaveNowAndThenAsync(stop).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
        finally
        {
            // Also saved after a cancellation, so that finished downloads are not repeated.
            await index.SaveAsync(CancellationToken.None).ConfigureAwait(false);
        }

        return [.. brought.OfType<TrainingImage>()];
    }

    private async Task<(TrainingImage? Image, bool IsNew)> BringAsync(ListedImage image, CancellationToken stop)
    {
        string path = files.PathOf(image.Blob);
        IndexedImage? here = index.Find(image);
        bool isHere = here is not null && await TrainingImageFiles.IsIntactAsync(path, here, stop).ConfigureAwait(false);
        if (!isHere)
            here = await DownloadAsync(image, path, stop).ConfigureAwait(false);
        return here is null
            ? (null, false)
            : (new TrainingImage(image.Name.Identity, image.Blob, path, here.Sha256, image.Name.IsFixed), !isHere);
    }

    private async Task<IndexedImage?> DownloadAsync(ListedImage image, string path, CancellationToken stop)
    {
        index.Remove(image.Blob);
        if (await ReadAsync(image, stop).ConfigureAwait(false) is not { } content)
        {
            // The local file belongs to another version of the blob.
            File.Delete(path);
            return null;
        }

        await AtomicFile.WriteAsync(path, content, durable: false, stop).ConfigureAwait(false);
        var written = new IndexedImage(image.Blob, image.Version, Convert.ToHexStringLower(SHA256.HashData(content)), content.Length);
        index.Set(written);
        return written;
    }

    // Null if the blob was deleted or replaced since the listing, or if its checksum does not match its content.
    private async Task<byte[]?> ReadAsync(ListedImage image, CancellationToken stop)
    {
        var options = new BlobDownloadOptions { Conditions = new BlobRequestConditions { IfMatch = image.ETag } };
        try
        {
            for (int attempt = 0; attempt < Attempts; attempt++)
            {
                using BlobDownloadStreamingResult download = await container.GetBlobClient(image.Blob).DownloadStreamingAsync(options, stop)
                    .ConfigureAwait(false);
                byte[] content = await download.ReadAsync(image.Length, stop).ConfigureAwait(false);
                if (image.Md5 is null || CryptographicOperations.HashData(HashAlgorithmName.MD5, content).AsSpan().SequenceEqual(image.Md5))
                    return content;
            }

            refused.Add("checksum");
            return null;
        }
        catch (RequestFailedException error) when (
            error.ErrorCode == BlobErrorCode.BlobNotFound || error.ErrorCode == BlobErrorCode.ConditionNotMet)
        {
            return null;
        }
    }

    private void Report(int total, bool isNew)
    {
        lock (_lock)
        {
            _done++;
            if (isNew)
                _downloaded++;
            progress?.Report(new TrainingSync(_done, total, _downloaded));
        }
    }

    private async Task SaveNowAndThenAsync(CancellationToken stop)
    {
        if (Interlocked.Increment(ref _unsaved) < Math.Max(LeastBetweenSaves, index.Count * ShareBetweenSaves)
            || Interlocked.Exchange(ref _isSaving, 1) != 0)
            return;
        Interlocked.Exchange(ref _unsaved, 0);
        await index.SaveAsync(stop).ConfigureAwait(false);
        Interlocked.Exchange(ref _isSaving, 0);
    }
}
