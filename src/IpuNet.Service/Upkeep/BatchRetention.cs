using System.ComponentModel.DataAnnotations;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Upkeep;

/// <summary>
/// Removes expired batches, each as a whole: first its uploads, then its results, so that no upload is left without its result and counts
/// as new. Also removes expired answers and abandoned trainings. Galleries stay. Poison stays until somebody handles it.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="options">The retention time.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Logs removals.</param>
public sealed class BatchRetention(
    StorageAccount account, IOptions<RetentionOptions> options, TimeProvider time, ILogger<BatchRetention> logger)
{
    private const int AtOnce = 16;

    private readonly BlobContainerClient _uploads = account.Container(StorageNames.Uploads);
    private readonly BlobContainerClient _results = account.Container(StorageNames.Results);
    private readonly AbandonedTrainings _trainings = new(account, time, logger);

    /// <summary>Checks all batches and removes the expired ones. An interrupted run continues the next time.</summary>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The number of removed blobs.</returns>
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
        // A batch that is being written to is kept: blobs that changed since the listing stay, and then the results stay too.
        int removed = await RemoveAsync(_uploads, uploads, cancellation).ConfigureAwait(false);
        return removed < uploads.Length ? removed : removed + await RemoveAsync(_results, results, cancellation).ConfigureAwait(false);
    }

    private async Task<int> RemoveAnswersAsync(string folder, DateTimeOffset upTo, CancellationToken cancellation)
    {
        string prefix = $"{folder}/";
        BlobItem[] blobs = await ListAsync(_results, prefix, cancellation).ConfigureAwait(false);
        // The lease blob is not an answer and cannot be removed during a training.
        BlobItem[] answers = [.. blobs.Where(blob =>
            !blob.Name[prefix.Length..].Contains('/', StringComparison.Ordinal)
                && blob.Name != StorageNames.TrainingLease && blob.Properties.LastModified <= upTo)];
        return await RemoveAsync(_results, answers, cancellation).ConfigureAwait(false);
    }

    private static async Task<BlobItem[]> ListAsync(BlobContainerClient container, string prefix, CancellationToken cancellation)
    {
        List<BlobItem> blobs = [];
        var options = new GetBlobsOptions { Prefix = prefix };
        await foreach (BlobItem blob in container.GetBlobsAsync(options, cancellation).ConfigureAwait(false))
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

/// <summary>Removes the checkpoints of abandoned trainings: their job was taken out of the queue or is in poison.</summary>
internal sealed class AbandonedTrainings(StorageAccount account, TimeProvider time, ILogger logger)
{
    private readonly BlobContainerClient _results = account.Container(StorageNames.Results);

    /// <summary>
    /// Removes the files of trainings that were not written to since a time. Does nothing while a training runs; the next call tries again.
    /// </summary>
    /// <returns>The number of removed blobs.</returns>
    public async Task<int> RemoveAsync(DateTimeOffset upTo, CancellationToken cancellation)
    {
        if ((await ListAsync(upTo, cancellation).ConfigureAwait(false)).Count == 0)
            return 0;
        // Only the holder of the lease works on trainings, so they are listed again.
        await using TrainingLease? lease = await TrainingLease.TryAcquireAsync(account, time, cancellation).ConfigureAwait(false);
        if (lease is null)
            return 0;
        int removed = 0;
        foreach (string job in await ListAsync(upTo, cancellation).ConfigureAwait(false))
        {
            if (!await lease.IsHeldAsync(cancellation).ConfigureAwait(false))
                break;
            int blobs = await StoredTraining.DiscardAsync(account, job, cancellation).ConfigureAwait(false);
            UpkeepLog.Abandoned(logger, job, blobs);
            removed += blobs;
        }

        return removed;
    }

    private async Task<IReadOnlyCollection<string>> ListAsync(DateTimeOffset upTo, CancellationToken cancellation)
    {
        HashSet<string> all = [], recent = [];
        var options = new GetBlobsOptions { Prefix = $"{StorageNames.Retraining}/" };
        await foreach (BlobItem blob in _results.GetBlobsAsync(options, cancellation).ConfigureAwait(false))
        {
            if (StoredTraining.JobOf(blob.Name) is not { } job)
                continue;
            all.Add(job);
            if (blob.Properties.LastModified > upTo)
                recent.Add(job);
        }

        return [.. all.Except(recent).Order(StringComparer.Ordinal)];
    }
}

/// <summary>The retention time of batches.</summary>
/// <remarks>Configuration section <see cref="Section"/>.</remarks>
public sealed class RetentionOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Retention";

    /// <summary>
    /// The number of days that a batch (uploads and results) is kept after its last write. Answers to enrolment and retraining jobs are
    /// kept as long, and so are abandoned trainings.
    /// </summary>
    /// <value>0 by default: batches are kept for ever. At most 36,500.</value>
    [Range(0, 36_500)]
    public int Days { get; set; }
}

/// <summary>Lists batches: the first folders of containers.</summary>
internal static class Batches
{
    /// <summary>Lists the batches of some containers, sorted, without duplicates.</summary>
    public static async Task<IReadOnlyCollection<string>> ListAsync(
        IEnumerable<BlobContainerClient> containers, CancellationToken cancellation)
    {
        var batches = new SortedSet<string>(StringComparer.Ordinal);
        foreach (BlobContainerClient container in containers)
        {
            var folders = new GetBlobsByHierarchyOptions { Delimiter = "/" };
            await foreach (BlobHierarchyItem item in container.GetBlobsByHierarchyAsync(folders, cancellation).ConfigureAwait(false))
            {
                if (item.IsPrefix)
                    batches.Add(item.Prefix.TrimEnd('/'));
            }
        }

        return [.. batches.Except(StorageNames.ReservedBatches)];
    }
}
