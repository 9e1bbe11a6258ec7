using System.Collections.Concurrent;
using System.Threading.Channels;
using Azure;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Intake;

/// <summary>
/// Lists uploads and hands each new or replaced one to <see cref="UploadIntake"/>, for an account without a Functions host. It remembers in
/// memory only what it handed over. After a start, it hands over every upload that has no result and is not in poison.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="intake">Handles uploads.</param>
/// <param name="poison">The poison log.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Logs failures.</param>
public sealed class UploadPoller(
    StorageAccount account, UploadIntake intake, PoisonLog poison, TimeProvider time, ILogger<UploadPoller> logger) : BackgroundService
{
    private const int AtOnce = 8, Ahead = 16, MaxTries = 5;

    // A listing takes longer the more uploads there are. It must not take more than a tenth of the time.
    private const int PausePerListing = 9;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(0.25), LongestIdlePause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, ETag> _given = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, FailedUpload> _failed = new(StringComparer.Ordinal);
    private readonly Channel<FoundUploads> _found = Channel.CreateBounded<FoundUploads>(Ahead);
    private bool _hasLooked;

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        LookAsync(stoppingToken),
        Parallel.ForEachAsync(
            _found.Reader.ReadAllAsync(CancellationToken.None),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (found, _) => await GiveAsync(found, stoppingToken).ConfigureAwait(false)));

    private static string BatchOf(string name) => name.Split('/')[0];

    private async Task LookAsync(CancellationToken stop)
    {
        TimeSpan pause = ShortestPause;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                long start = time.GetTimestamp();
                IReadOnlyList<FoundUploads> found = await ListAsync(stop).ConfigureAwait(false);
                TimeSpan least = time.GetElapsedTime(start) * PausePerListing;
                pause = found.Count > 0 ? ShortestPause : pause * 2 < LongestIdlePause ? pause * 2 : LongestIdlePause;
                pause = pause > least ? pause : least;
                foreach (FoundUploads some in found)
                {
                    foreach (BlobItem upload in some.Uploads)
                        _given[upload.Name] = upload.Properties.ETag!.Value;
                    await _found.Writer.WriteAsync(some, stop).ConfigureAwait(false);
                }
            }
            catch (Exception error)
            {
                if (stop.IsCancellationRequested)
                    break;
                logger.CannotList(error, pause = LongestIdlePause);
            }

            await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _found.Writer.Complete();
    }

    // The uploads that are new or have another version than the one handed over.
    private async Task<IReadOnlyList<FoundUploads>> ListAsync(CancellationToken stop)
    {
        FinishedUploads? settled = _hasLooked ? null : await FinishedUploads.ReadAsync(account, poison, stop).ConfigureAwait(false);
        List<(BlobItem Blob, FaceBatchMessage? Message)> found = [];
        var present = new HashSet<string>(StringComparer.Ordinal);
        var uploads = account.Container(StorageNames.Uploads).GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, prefix: null, stop);
        await foreach (BlobItem blob in uploads.ConfigureAwait(false))
        {
            if (StorageNames.ReservedBatches.Contains(BatchOf(blob.Name)) || blob.Properties.ETag is not { } etag)
                continue;
            present.Add(blob.Name);
            if (_given.TryGetValue(blob.Name, out ETag given) && given == etag)
                continue;
            if (ArchiveIntake.IsUnpacked(blob.Metadata) || settled?.Contains(blob) == true)
                _given[blob.Name] = etag;
            else if (!_failed.TryGetValue(blob.Name, out FailedUpload? failed) || failed.Again <= time.GetUtcNow())
                found.Add((blob, MessageOf(blob, isNew: settled is null)));
        }

        foreach (string gone in _given.Keys.Concat(_failed.Keys).Where(name => !present.Contains(name)))
        {
            _given.TryRemove(gone, out _);
            _failed.TryRemove(gone, out _);
        }

        _hasLooked = true;
        IEnumerable<FoundUploads> alone =
            found.Where(upload => upload.Message is null).Select(upload => new FoundUploads([upload.Blob], null));
        return [.. alone, .. Together(found)];
    }

    // Uploads from before this process may have a result. An upload that failed is handled alone, so that it does not fail others.
    private FaceBatchMessage? MessageOf(BlobItem blob, bool isNew)
    {
        try
        {
            return !_failed.ContainsKey(blob.Name)
                && intake.MessageOf(blob.Name, blob.Properties.ContentLength ?? 0, blob.Metadata) is { } message
                ? message with { IsNew = isNew }
                : null;
        }
        catch (Exception)
        {
            // It fails again when it is handled, and that failure is counted.
            return null;
        }
    }

    // One message for many images saves requests.
    private static IEnumerable<FoundUploads> Together(IEnumerable<(BlobItem Blob, FaceBatchMessage? Message)> found) => found
        .Where(upload => upload.Message is not null)
        .GroupBy(upload => (upload.Message!.BatchId, upload.Message.Gallery, upload.Message.Faces))
        .SelectMany(same => same.Chunk(FaceBatchMessage.MaxImages))
        .Select(some => new FoundUploads(
            [.. some.Select(upload => upload.Blob)],
            some[0].Message! with { Images = [.. some.SelectMany(upload => upload.Message!.Images)] }));

    private async Task GiveAsync(FoundUploads found, CancellationToken stop)
    {
        try
        {
            if (found.Message is { } message)
                await intake.SendAsync(message, stop).ConfigureAwait(false);
            else if (_failed.GetValueOrDefault(found.Uploads[0].Name)?.Fault is { } fault)
                await intake.GiveUpAsync(found.Uploads[0].Name, fault, stop).ConfigureAwait(false);
            else
                await intake.HandleAsync(found.Uploads[0].Name, stop).ConfigureAwait(false);
            foreach (BlobItem upload in found.Uploads)
                _failed.TryRemove(upload.Name, out _);
        }
        catch (Exception error)
        {
            if (stop.IsCancellationRequested)
                return;
            foreach (BlobItem upload in found.Uploads)
            {
                FailedUpload again = Again(_failed.GetValueOrDefault(upload.Name), error);
                logger.CannotTake(error, UploadName.Shown(BatchOf(upload.Name)), again.Tries, again.Again - time.GetUtcNow());
                _failed[upload.Name] = again;
                _given.TryRemove(upload.Name, out _);
            }
        }
    }

    private FailedUpload Again(FailedUpload? before, Exception error)
    {
        int tries = (before?.Tries ?? 0) + 1;
        TimeSpan pause = ShortestPause * Math.Pow(2, Math.Min(tries, MaxTries));
        // A refusal by storage is not the upload's fault, even if it repeats.
        bool isHopeless = tries >= MaxTries && error is not RequestFailedException && !StorageCheck.IsUnavailable(error);
        string reason = (error as UnreadableBlobException)?.Reason
            ?? $"{error.GetType().Name} at each of {tries} attempts; the log has the details";
        return new FailedUpload(tries, time.GetUtcNow() + pause, before?.Fault ?? (isHopeless ? reason : null));
    }

    /// <param name="Uploads">The uploads of one message; a single upload if there is no message.</param>
    /// <param name="Message">The message, if the uploads need nothing else; otherwise null.</param>
    private sealed record FoundUploads(IReadOnlyList<BlobItem> Uploads, FaceBatchMessage? Message);

    /// <param name="Tries">The number of failed attempts.</param>
    /// <param name="Again">When the next attempt is due.</param>
    /// <param name="Fault">The reason for poison; null if there is another attempt.</param>
    private sealed record FailedUpload(int Tries, DateTimeOffset Again, string? Fault);
}
