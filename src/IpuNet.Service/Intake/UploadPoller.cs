using System.Collections.Concurrent;
using System.Threading.Channels;
using Azure;
using Azure.Storage.Blobs.Models;
using IpuNet.Service.Messages;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Intake;

/// <summary>
/// Notices uploads by listing them, and gives each new or replaced one to <see cref="UploadIntake"/>: where no Functions host does so. What it
/// has given is known in memory only; at its start, whatever has neither a result nor a place in poison is given again.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="intake">Takes uploads in.</param>
/// <param name="poison">Says what is in poison.</param>
/// <param name="time">The time.</param>
/// <param name="logger">Is told what goes wrong.</param>
public sealed class UploadPoller(StorageAccount account, UploadIntake intake, PoisonLog poison, TimeProvider time, ILogger<UploadPoller> logger) : BackgroundService
{
    private const int AtOnce = 8, Ahead = 16, MaxTries = 5;

    // A listing takes the longer the more uploads there are; it is not to take more than a tenth of the time.
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
                    foreach (FoundUpload upload in some.Uploads)
                        _given[upload.Name] = upload.ETag;
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

    // Those that are new, or another version than the one that was given.
    private async Task<IReadOnlyList<FoundUploads>> ListAsync(CancellationToken stop)
    {
        SettledUploads? settled = _hasLooked ? null : await SettledUploads.ReadAsync(account, poison, stop).ConfigureAwait(false);
        List<FoundUpload> found = [];
        var present = new HashSet<string>(StringComparer.Ordinal);
        await foreach (BlobItem blob in account.Container(StorageNames.Uploads).GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, prefix: null, stop).ConfigureAwait(false))
        {
            if (StorageNames.ReservedBatches.Contains(BatchOf(blob.Name)) || blob.Properties.ETag is not { } etag)
                continue;
            present.Add(blob.Name);
            if (_given.TryGetValue(blob.Name, out ETag given) && given == etag)
                continue;
            if (ArchiveIntake.IsUnpacked(blob.Metadata) || settled?.Contains(blob) == true)
                _given[blob.Name] = etag;
            else if (!_failed.TryGetValue(blob.Name, out FailedUpload? failed) || failed.Again <= time.GetUtcNow())
                found.Add(new FoundUpload(blob.Name, etag, MessageOf(blob, isNew: settled is null)));
        }

        foreach (string gone in _given.Keys.Concat(_failed.Keys).Where(name => !present.Contains(name)))
        {
            _given.TryRemove(gone, out _);
            _failed.TryRemove(gone, out _);
        }

        _hasLooked = true;
        return [.. found.Where(upload => upload.Message is null).Select(upload => new FoundUploads([upload], null)), .. Together(found)];
    }

    // What was here before this process may have its result. An upload that has failed is handled alone, so that it takes no others along.
    private FaceBatchMessage? MessageOf(BlobItem blob, bool isNew)
    {
        try
        {
            return !_failed.ContainsKey(blob.Name) && intake.MessageOf(blob.Name, blob.Properties.ContentLength ?? 0, blob.Metadata) is { } message
                ? message with { IsNew = isNew }
                : null;
        }
        catch (Exception)
        {
            // It fails again when it is handled, where failures are counted.
            return null;
        }
    }

    // One message for many images spares requests for each.
    private static IEnumerable<FoundUploads> Together(IEnumerable<FoundUpload> found) => found
        .Where(upload => upload.Message is not null)
        .GroupBy(upload => (upload.Message!.BatchId, upload.Message.Gallery, upload.Message.Faces))
        .SelectMany(same => same.Chunk(FaceBatchMessage.MaxImages))
        .Select(some => new FoundUploads(some, some[0].Message! with { Images = [.. some.SelectMany(upload => upload.Message!.Images)] }));

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
            foreach (FoundUpload upload in found.Uploads)
                _failed.TryRemove(upload.Name, out _);
        }
        catch (Exception error)
        {
            if (stop.IsCancellationRequested)
                return;
            foreach (FoundUpload upload in found.Uploads)
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
        // What storage refuses to do is not the upload's fault, however often it does so.
        bool isHopeless = tries >= MaxTries && error is not RequestFailedException && !StorageCheck.IsUnavailable(error);
        string reason = (error as UnreadableBlobException)?.Reason ?? $"{error.GetType().Name} at each of {tries} tries; the log has the details";
        return new FailedUpload(tries, time.GetUtcNow() + pause, before?.Fault ?? (isHopeless ? reason : null));
    }

    /// <param name="Name">Its name within the container.</param>
    /// <param name="ETag">Its version.</param>
    /// <param name="Message">The message that is all to be done for it; null where there is more.</param>
    private sealed record FoundUpload(string Name, ETag ETag, FaceBatchMessage? Message);

    /// <param name="Uploads">The uploads that are given together; one where there is no message.</param>
    /// <param name="Message">The message for all of them.</param>
    private sealed record FoundUploads(IReadOnlyList<FoundUpload> Uploads, FaceBatchMessage? Message);

    /// <param name="Tries">How often it could not be taken in.</param>
    /// <param name="Again">When the next try is due.</param>
    /// <param name="Fault">Why there is to be no other try but poison; null where there is.</param>
    private sealed record FailedUpload(int Tries, DateTimeOffset Again, string? Fault);
}
