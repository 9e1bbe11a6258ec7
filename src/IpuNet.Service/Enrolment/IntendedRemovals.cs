using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Enrolment;

/// <summary>
/// What deletions set out to remove, written before anything is removed and kept until they have their answer: so the answer says what the job removed, also
/// where an attempt at it was cut off. It holds numbers, and names of images for retraining, which are still there.
/// </summary>
internal sealed class IntendedRemovals(StorageAccount account, TimeProvider time)
{
    /// <summary>Notes what an attempt is about to remove, beside what earlier attempts were.</summary>
    public Task AddAsync(string jobId, RemovedSubject intended, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(jobId);
        return Contention.RepeatAsync(
            $"What job {jobId} removes",
            time,
            async () =>
            {
                BlobDownloadResult? read = await blob.TryReadAsync(cancellation).ConfigureAwait(false);
                RemovedSubject all = Parse(read) is { } before ? intended.With(before) : intended;
                byte[] json = JsonSerializer.SerializeToUtf8Bytes(all, EnrolmentJson.Default.RemovedSubject);
                return await blob.TryReplaceAsync(json, read?.Details.ETag, cancellation).ConfigureAwait(false) is null ? null : all;
            },
            cancellation);
    }

    /// <summary>What a job set out to remove, at all its attempts.</summary>
    /// <returns>Null where nothing is noted.</returns>
    public async Task<RemovedSubject?> FindAsync(string jobId, CancellationToken cancellation) =>
        Parse(await BlobOf(jobId).TryReadAsync(cancellation).ConfigureAwait(false));

    /// <summary>Forgets it: the job has its answer.</summary>
    public Task EndAsync(string jobId, CancellationToken cancellation) => BlobOf(jobId).DeleteIfExistsAsync(cancellationToken: cancellation);

    // One that is damaged is as none: it is only about numbers.
    private static RemovedSubject? Parse(BlobDownloadResult? blob)
    {
        try
        {
            return blob is null ? null : JsonSerializer.Deserialize(blob.Content, EnrolmentJson.Default.RemovedSubject);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private BlobClient BlobOf(string jobId) => account.Container(StorageNames.Results).GetBlobClient(StorageNames.IntendedRemoval(jobId));
}
