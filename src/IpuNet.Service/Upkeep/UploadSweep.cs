using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Service.Intake;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Upkeep;

/// <summary>
/// Handles uploads whose event was lost: events are retried for a day and then dropped. An upload that only waits for its turn may be
/// handled twice, which changes nothing.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="intake">Handles uploads.</param>
/// <param name="poison">The poison log.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Logs the findings.</param>
public sealed class UploadSweep(
    StorageAccount account, UploadIntake intake, PoisonLog poison, TimeProvider time, ILogger<UploadSweep> logger)
{
    // Before this time, the event may still arrive.
    private static readonly TimeSpan Patience = TimeSpan.FromHours(25);

    private readonly BlobContainerClient _uploads = account.Container(StorageNames.Uploads);

    /// <summary>Checks all batches. An interrupted run continues the next time.</summary>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The number of uploads handled.</returns>
    public async Task<int> LookAsync(CancellationToken cancellation)
    {
        PoisonedUploads poisoned = await PoisonedUploads.ReadAsync(account, poison, cancellation).ConfigureAwait(false);
        int given = 0;
        foreach (string batch in await Batches.ListAsync([_uploads], cancellation).ConfigureAwait(false))
        {
            BlobItem[] old = await OldAsync($"{batch}/", cancellation).ConfigureAwait(false);
            if (old.Length == 0)
                continue;
            FinishedUploads finished = await FinishedUploads.ReadAsync(account, poisoned, $"{batch}/", cancellation).ConfigureAwait(false);
            BlobItem[] missed = [.. old.Where(upload => !finished.Contains(upload))];
            foreach (BlobItem upload in missed)
                await intake.HandleAsync(upload.Name, cancellation).ConfigureAwait(false);
            if (missed.Length > 0)
                UpkeepLog.Missed(logger, batch, missed.Length);
            given += missed.Length;
        }

        return given;
    }

    private async Task<BlobItem[]> OldAsync(string prefix, CancellationToken cancellation)
    {
        DateTimeOffset upTo = time.GetUtcNow() - Patience;
        List<BlobItem> old = [];
        var options = new GetBlobsOptions { Traits = BlobTraits.Metadata, Prefix = prefix };
        await foreach (BlobItem upload in _uploads.GetBlobsAsync(options, cancellation).ConfigureAwait(false))
        {
            if (upload.Properties.LastModified <= upTo
                && intake.FateOf(upload.Name, upload.Properties.ContentLength, upload.Metadata) is not NoFate)
                old.Add(upload);
        }

        return [.. old];
    }
}
