using System.Globalization;
using System.Security.Cryptography;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Files;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Retraining;

/// <summary>
/// A large file of a training, in storage. Its blocks are uploaded first and then become the blob at once. Its metadata hold its SHA-256
/// and the start of its training, so a file of an earlier training with the same id is not used.
/// </summary>
/// <param name="blob">The blob.</param>
/// <param name="startedOn">When the training began.</param>
internal sealed class CheckpointBlob(BlobClient blob, DateTimeOffset startedOn)
{
    /// <summary>The maximum size, in bytes. A large U-Net's weights, three times as Adam needs them, take a tenth of it.</summary>
    public const long MaxBytes = 8L << 30;

    private const string Sha256Key = "sha256", TrainingKey = "training";

    // Each block must be transferred within StorageOptions.AttemptTimeout.
    private const int BlockBytes = 4 << 20, BlocksAtOnce = 4;

    private static readonly StorageTransferOptions Blocks = new()
    {
        InitialTransferSize = BlockBytes,
        MaximumTransferSize = BlockBytes,
        MaximumConcurrency = BlocksAtOnce,
    };

    private string Training => startedOn.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture);

    public async Task UploadAsync(string path, CancellationToken cancellation)
    {
        await using FileStream file = File.OpenRead(path);
        Require(file.Length, path);
        string sha256 = await HashAsync(file, cancellation).ConfigureAwait(false);
        file.Position = 0;
        var options = new BlobUploadOptions
        {
            HttpHeaders = new BlobHttpHeaders { ContentType = "application/octet-stream" },
            Metadata = new Dictionary<string, string> { [Sha256Key] = sha256, [TrainingKey] = Training },
            TransferOptions = Blocks,
        };
        await blob.UploadAsync(file, options, cancellation).ConfigureAwait(false);
    }

    public async Task<bool> TryDownloadAsync(string path, CancellationToken cancellation)
    {
        if (await blob.FindAsync(cancellation).ConfigureAwait(false) is not { } kept || Of(kept, TrainingKey) != Training)
            return false;
        string name = $"{StorageNames.Results}/{blob.Name}";
        Require(kept.ContentLength, name);
        var options =
            new BlobDownloadToOptions { Conditions = new BlobRequestConditions { IfMatch = kept.ETag }, TransferOptions = Blocks };
        await AtomicFile.WriteAsync(
            path,
            async file =>
            {
                await blob.DownloadToAsync(file, options, cancellation).ConfigureAwait(false);
                file.Position = 0;
                if (await HashAsync(file, cancellation).ConfigureAwait(false) != Of(kept, Sha256Key))
                    throw new FaceDataException(
                        $"{name} is damaged: its SHA-256 differs from the stored one. Delete the blob; the training then starts from the "
                        + "beginning.");
            },
            durable: false).ConfigureAwait(false);
        return true;
    }

    private static string? Of(BlobProperties properties, string key) =>
        properties.Metadata.TryGetValue(key, out string? value) ? value : null;

    private static void Require(long length, string name)
    {
        if (length > MaxBytes)
            throw new FaceDataException(string.Create(
                CultureInfo.InvariantCulture, $"{name} has {length:N0} bytes, over the limit of {MaxBytes:N0}."));
    }

    private static async Task<string> HashAsync(FileStream file, CancellationToken cancellation) =>
        Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation).ConfigureAwait(false));
}
