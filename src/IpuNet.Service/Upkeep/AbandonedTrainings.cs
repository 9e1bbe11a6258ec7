using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Upkeep;

/// <summary>Checkpoints of trainings that never came to their end: their job was taken out of the queue, or is in poison.</summary>
internal sealed class AbandonedTrainings(StorageAccount account, TimeProvider time, ILogger logger)
{
    private readonly BlobContainerClient _results = account.Container(StorageNames.Results);

    /// <summary>Removes those to which nobody wrote since a time, unless somebody trains just now: then they have time until it is called again.</summary>
    /// <returns>How many blobs were removed.</returns>
    public async Task<int> RemoveAsync(DateTimeOffset upTo, CancellationToken cancellation)
    {
        if ((await ListAsync(upTo, cancellation).ConfigureAwait(false)).Count == 0)
            return 0;
        // Whoever holds it is the only one who works on any; and so they are listed again.
        await using TrainingLease? lease = await TrainingLease.TryAcquireAsync(account, time, cancellation).ConfigureAwait(false);
        if (lease is null)
            return 0;
        int removed = 0;
        foreach (string job in await ListAsync(upTo, cancellation).ConfigureAwait(false))
        {
            if (!await lease.IsHeldAsync(cancellation).ConfigureAwait(false))
                break;
            int blobs = await RetrainingRun.DiscardAsync(account, job, cancellation).ConfigureAwait(false);
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
            if (RetrainingRun.JobOf(blob.Name) is not { } job)
                continue;
            all.Add(job);
            if (blob.Properties.LastModified > upTo)
                recent.Add(job);
        }

        return [.. all.Except(recent).Order(StringComparer.Ordinal)];
    }
}
