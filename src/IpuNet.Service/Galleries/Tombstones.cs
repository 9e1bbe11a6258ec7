using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Galleries;

/// <summary>Says of each deleted subject when the last deletion was sent, so that a job from before does not bring the subject back.</summary>
internal sealed class Tombstones(StorageAccount account, string gallery, TimeProvider time)
{
    /// <summary>Notes a deletion, unless a later one is noted.</summary>
    public Task SetAsync(string subjectId, DateTimeOffset deletedAt, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(subjectId);
        return Contention.RepeatAsync(
            $"The tombstone of {deletedAt:O}",
            time,
            async () =>
            {
                BlobDownloadResult? read = await blob.TryReadAsync(cancellation).ConfigureAwait(false);
                Tombstone? present = read is null ? null : GalleryJson.ReadTombstone(read.Content, blob.Name);
                if (present?.DeletedAt >= deletedAt)
                    return present;
                var tombstone = new Tombstone { DeletedAt = deletedAt };
                ETag? written = await blob.TryReplaceAsync(GalleryJson.Write(tombstone), read?.Details.ETag, cancellation).ConfigureAwait(false);
                return written is null ? null : tombstone;
            },
            cancellation);
    }

    /// <summary>When the subject's last deletion was sent.</summary>
    /// <returns>Null where it never was.</returns>
    /// <exception cref="Faces.FaceDataException">The tombstone is damaged.</exception>
    public async Task<DateTimeOffset?> FindAsync(string subjectId, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(subjectId);
        return await blob.TryReadAsync(cancellation).ConfigureAwait(false) is { } read ? GalleryJson.ReadTombstone(read.Content, blob.Name).DeletedAt : null;
    }

    private BlobClient BlobOf(string subjectId) => account.Container(StorageNames.Galleries)
        .GetBlobClient(StorageNames.Tombstone(gallery, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subjectId)))));
}
