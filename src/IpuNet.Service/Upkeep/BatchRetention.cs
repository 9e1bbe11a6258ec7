using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Upkeep;

/// <summary>
/// Removes batches whose time is up, each as a whole: its uploads and then its results, so that no upload is ever left without its result,
/// to be taken for a new one; and answers, and trainings that nobody goes on with, as old as that. What is in poison stays until somebody has dealt with it, and so do galleries.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="options">For how long batches are kept.</param>
/// <param name="time">The time.</param>
/// <param name="logger">Is told what is removed.</param>
public sealed class BatchRetention(StorageAccount account, IOptions<RetentionOptions> options, TimeProvider time, ILogger<BatchRetention> logger)
{
    private const int AtOnce = 16;

    private readonly BlobContainerClient _uploads = account.Container(StorageNames.Uploads), _results = account.Container(StorageNames.Results);
    private readonly AbandonedTrainings _trainings = new(account, time, logger);

    /// <summary>Looks at all batches, and removes those whose time is up. Cut off, it goes on the next time.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>How many blobs were removed.</returns>
    public async Task<int> CleanUpAsync(CancellationToken cancellation)
    {
        if (options.Value.Days == 0)
            return 0;
        DateTimeOffset upTo = time.GetUtcNow() - TimeSpan.FromDays(options.Value.Days);
        int removed = 0;
        foreach (string batch in await Batches.ListAsync([_uploads, _results], cancellation).ConfigureAwait(false))
        {
            int count = await RemoveAsync(batch, upTo, cancellation).ConfigureAwait(false);
            if (count > 0)
                UpkeepLog.Removed(logger, batch, count);
            removed += count;
        }

        return removed + await RemoveAnswersAsync(StorageNames.Enrolments, upTo, cancellation).ConfigureAwait(false)
            + await RemoveAnswersAsync(StorageNames.Retraining, upTo, cancellation).ConfigureAwait(false)
            + await _trainings.RemoveAsync(upTo, cancellation).ConfigureAwait(false);
    }

    private async Task<int> RemoveAsync(string batch, DateTimeOffset upTo, CancellationToken cancellation)
    {
        BlobItem[] uploads = await ListAsync(_uploads, $"{batch}/", cancellation).ConfigureAwait(false);
        BlobItem[] results = await ListAsync(_results, $"{batch}/", cancellation).ConfigureAwait(false);
        if (uploads.Concat(results).Any(blob => blob.Properties.LastModified > upTo))
            return 0;
        // A batch that somebody writes to just now is kept: whatever is not as it was listed stays, and the results with it.
        int removed = await RemoveAsync(_uploads, uploads, cancellation).ConfigureAwait(false);
        return removed < uploads.Length ? removed : removed + await RemoveAsync(_results, results, cancellation).ConfigureAwait(false);
    }

    private async Task<int> RemoveAnswersAsync(string folder, DateTimeOffset upTo, CancellationToken cancellation)
    {
        string prefix = $"{folder}/";
        BlobItem[] blobs = await ListAsync(_results, prefix, cancellation).ConfigureAwait(false);
        // The lease is none, and cannot be removed while somebody trains.
        BlobItem[] answers = [.. blobs.Where(blob =>
            !blob.Name[prefix.Length..].Contains('/', StringComparison.Ordinal) && blob.Name != StorageNames.TrainingLease && blob.Properties.LastModified <= upTo)];
        return await RemoveAsync(_results, answers, cancellation).ConfigureAwait(false);
    }

    private static async Task<BlobItem[]> ListAsync(BlobContainerClient container, string prefix, CancellationToken cancellation)
    {
        List<BlobItem> blobs = [];
        await foreach (BlobItem blob in container.GetBlobsAsync(new GetBlobsOptions { Prefix = prefix }, cancellation).ConfigureAwait(false))
            blobs.Add(blob);
        return [.. blobs];
    }

    private static async Task<int> RemoveAsync(BlobContainerClient container, BlobItem[] blobs, CancellationToken cancellation)
    {
        int removed = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(blobs, parallel, async (blob, stop) =>
        {
            if (await container.GetBlobClient(blob.Name).TryDeleteAsync(blob.Properties.ETag, stop).ConfigureAwait(false))
                Interlocked.Increment(ref removed);
        }).ConfigureAwait(false);
        return removed;
    }
}
