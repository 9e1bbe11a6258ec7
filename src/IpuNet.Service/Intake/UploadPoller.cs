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
    // Uploads that a message is enough for, and the names of those that need a look of their own. Each kind has its line, so that images
    // need not wait for archives.
    private readonly Channel<FaceBatchMessage> _messages = Channel.CreateBounded<FaceBatchMessage>(Ahead);
    private readonly Channel<string> _others = Channel.CreateBounded<string>(Ahead);
    private bool _hasLooked;

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        LookAsync(stoppingToken), GiveAllAsync(_messages, SendAsync, stoppingToken), GiveAllAsync(_others, HandleAsync, stoppingToken));

    private static string BatchOf(string name) => name.Split('/')[0];

    private static Task GiveAllAsync<T>(Channel<T> line, Func<T, CancellationToken, Task> give, CancellationToken stop) =>
        Parallel.ForEachAsync(
            line.Reader.ReadAllAsync(CancellationToken.None),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (found, _) => await give(found, stop).ConfigureAwait(false));

    private async Task LookAsync(CancellationToken stop)
    {
        TimeSpan pause = ShortestPause;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                long start = time.GetTimestamp();
                // Uploads from before this process may have a result.
                bool isNew = _hasLooked;
                IReadOnlyList<FoundUpload> found = await ListAsync(stop).ConfigureAwait(false);
                TimeSpan least = time.GetElapsedTime(start) * PausePerListing;
                pause = found.Count > 0 ? ShortestPause : pause * 2 < LongestIdlePause ? pause * 2 : LongestIdlePause;
                pause = pause > least ? pause : least;
                await TakeAsync(found, isNew, stop).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                if (stop.IsCancellationRequested)
                    break;
                logger.CannotList(error, pause = LongestIdlePause);
            }

            await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _messages.Writer.Complete();
        _others.Writer.Complete();
    }

    // The uploads that are new or have another version than the one handed over.
    private async Task<IReadOnlyList<FoundUpload>> ListAsync(CancellationToken stop)
    {
        FinishedUploads? settled = _hasLooked ? null : await FinishedUploads.ReadAsync(account, poison, stop).ConfigureAwait(false);
        List<FoundUpload> found = [];
        var present = new HashSet<string>(StringComparer.Ordinal);
        var uploads = account.Container(StorageNames.Uploads).GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, prefix: null, stop);
        await foreach (BlobItem blob in uploads.ConfigureAwait(false))
        {
            if (blob.Properties.ETag is not { } etag)
                continue;
            present.Add(blob.Name);
            if (_given.TryGetValue(blob.Name, out ETag given) && given == etag)
                continue;
            UploadFate? fate = FateOf(blob);
            if (fate is NoFate)
                continue;
            if (settled?.Contains(blob) == true)
                _given[blob.Name] = etag;
            else if (!_failed.TryGetValue(blob.Name, out FailedUpload? failed) || failed.Again <= time.GetUtcNow())
                found.Add(new FoundUpload(blob.Name, etag, fate));
        }

        foreach (string gone in _given.Keys.Concat(_failed.Keys).Where(name => !present.Contains(name)))
        {
            _given.TryRemove(gone, out _);
            _failed.TryRemove(gone, out _);
        }

        _hasLooked = true;
        return found;
    }

    // One message for many images saves requests.
    private async Task TakeAsync(IReadOnlyList<FoundUpload> found, bool isNew, CancellationToken stop)
    {
        List<FaceBatchMessage> messages = [];
        List<string> others = [];
        foreach (FoundUpload upload in found)
        {
            _given[upload.Name] = upload.Version;
            // An upload that failed is handled alone, so that it does not fail others.
            if (upload.Fate is MessageFate { Message: var message } && !_failed.ContainsKey(upload.Name))
                messages.Add(message with { IsNew = isNew });
            else
                others.Add(upload.Name);
        }

        foreach (string name in others)
            await _others.Writer.WriteAsync(name, stop).ConfigureAwait(false);
        foreach (var same in messages.GroupBy(message => (message.BatchId, message.Gallery, message.Faces)))
        {
            foreach (string[] images in same.SelectMany(message => message.Images).Chunk(FaceBatchMessage.MaxImages))
                await _messages.Writer.WriteAsync(same.First() with { Images = images }, stop).ConfigureAwait(false);
        }
    }

    private UploadFate? FateOf(BlobItem blob)
    {
        try
        {
            return intake.FateOf(blob.Name, blob.Properties.ContentLength ?? 0, blob.Metadata);
        }
        catch (Exception)
        {
            // It fails again when it is handled, and that failure is counted.
            return null;
        }
    }

    private Task SendAsync(FaceBatchMessage message, CancellationToken stop) => GiveAsync(
        [.. message.Images.Select(image => image[$"{StorageNames.Uploads}/".Length..])], () => intake.SendAsync(message, stop), stop);

    private Task HandleAsync(string name, CancellationToken stop) => GiveAsync(
        [name],
        () => _failed.GetValueOrDefault(name)?.Fault is { } fault
            ? intake.GiveUpAsync(name, fault, stop)
            : intake.HandleAsync(name, stop),
        stop);

    private async Task GiveAsync(string[] names, Func<Task> give, CancellationToken stop)
    {
        try
        {
            await give().ConfigureAwait(false);
            foreach (string name in names)
                _failed.TryRemove(name, out _);
        }
        catch (Exception error)
        {
            if (stop.IsCancellationRequested)
                return;
            foreach (string name in names)
            {
                FailedUpload again = Again(_failed.GetValueOrDefault(name), error);
                logger.CannotTake(error, UploadName.Shown(BatchOf(name)), again.Tries, again.Again - time.GetUtcNow());
                _failed[name] = again;
                _given.TryRemove(name, out _);
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

    /// <param name="Name">The upload's name.</param>
    /// <param name="Version">Its version.</param>
    /// <param name="Fate">What becomes of it; null if it needs a look of its own.</param>
    private sealed record FoundUpload(string Name, ETag Version, UploadFate? Fate);

    /// <param name="Tries">The number of failed attempts.</param>
    /// <param name="Again">When the next attempt is due.</param>
    /// <param name="Fault">The reason for poison; null if there is another attempt.</param>
    private sealed record FailedUpload(int Tries, DateTimeOffset Again, string? Fault);
}
