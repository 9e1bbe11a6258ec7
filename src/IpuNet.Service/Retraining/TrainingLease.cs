using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Retraining;

/// <summary>
/// The right to train, which one process has at a time in an account: a lease of the blob <see cref="StorageNames.TrainingLease"/>, renewed
/// for as long as this lives. That of a process that died runs out by itself, after <see cref="Duration"/>.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "They hold nothing but memory; disposing them would race with a renewal under way.")]
public sealed class TrainingLease : IAsyncDisposable
{
    /// <summary>How long it lasts when it is not renewed: the longest that storage knows of.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);

    /// <summary>How long after a renewal the next one is.</summary>
    public static readonly TimeSpan Renewal = Duration / 4;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5), ReleaseTime = TimeSpan.FromSeconds(10);

    private readonly BlobLeaseClient _lease;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _lost = new(), _ended = new();
    private readonly Task _renewing;
    private long _heldSince;

    private TrainingLease(BlobLeaseClient lease, long heldSince, TimeProvider time)
    {
        (_lease, _heldSince, _time) = (lease, heldSince, time);
        Lost = _lost.Token;
        _renewing = RenewUntilEndedAsync();
    }

    /// <summary>Is cancelled when another process may train: whatever is written from then on, that process may write too.</summary>
    public CancellationToken Lost { get; }

    /// <summary>The time provider's timestamp from before it was last taken or renewed.</summary>
    internal long HeldSince => Volatile.Read(ref _heldSince);

    /// <summary>Takes the lease.</summary>
    /// <param name="account">The storage account.</param>
    /// <param name="time">The time.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Null where somebody else holds it.</returns>
    public static async Task<TrainingLease?> TryAcquireAsync(StorageAccount account, TimeProvider time, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(time);
        BlobClient blob = account.Container(StorageNames.Results).GetBlobClient(StorageNames.TrainingLease);
        BlobLeaseClient lease = blob.GetBlobLeaseClient();
        while (true)
        {
            try
            {
                long asked = time.GetTimestamp();
                await lease.AcquireAsync(Duration, cancellationToken: cancellation).ConfigureAwait(false);
                return new TrainingLease(lease, asked, time);
            }
            catch (RequestFailedException error) when (IsHeld(error))
            {
                return null;
            }
            catch (RequestFailedException error) when (error.ErrorCode == BlobErrorCode.BlobNotFound)
            {
                await CreateAsync(blob, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Takes the lease, and waits for as long as somebody else holds it.</summary>
    /// <param name="account">The storage account.</param>
    /// <param name="time">The time.</param>
    /// <param name="onWaiting">Is called once when it has to be waited for.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<TrainingLease> AcquireAsync(StorageAccount account, TimeProvider time, Action? onWaiting, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(time);
        while (true)
        {
            if (await TryAcquireAsync(account, time, cancellation).ConfigureAwait(false) is { } lease)
                return lease;
            onWaiting?.Invoke();
            onWaiting = null;
            await Task.Delay(Look, time, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Lets another process train. Where storage does not answer, the lease runs out by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        if (Lost.IsCancellationRequested)
            return;
        try
        {
            using var limit = new CancellationTokenSource(ReleaseTime);
            await _lease.ReleaseAsync(cancellationToken: limit.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is RequestFailedException or OperationCanceledException || StorageCheck.IsUnavailable(error))
        {
            // It is somebody else's by now, or will run out.
        }
    }

    private async Task RenewUntilEndedAsync()
    {
        while (!Lost.IsCancellationRequested)
        {
            await Task.Delay(Renewal, _time, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_ended.IsCancellationRequested)
                return;
            await RenewAsync().ConfigureAwait(false);
        }
    }

    private async Task RenewAsync()
    {
        try
        {
            long asked = _time.GetTimestamp();
            TimeSpan left = Duration - _time.GetElapsedTime(_heldSince, asked);
            using var limit = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _ended.Token);
            await _lease.RenewAsync(cancellationToken: stop.Token).ConfigureAwait(false);
            Volatile.Write(ref _heldSince, asked);
        }
        catch (RequestFailedException error) when (IsNotHeld(error))
        {
            await _lost.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception) when (_ended.IsCancellationRequested || _time.GetElapsedTime(_heldSince) < Duration)
        {
            // Storage is away for the moment; there is time for another attempt.
        }
        catch (Exception)
        {
            await _lost.CancelAsync().ConfigureAwait(false);
        }
    }

    private static async Task CreateAsync(BlobClient blob, CancellationToken cancellation)
    {
        try
        {
            await blob.TryReplaceAsync(ReadOnlyMemory<byte>.Empty, "text/plain", metadata: null, read: null, cancellation).ConfigureAwait(false);
        }
        catch (RequestFailedException error) when (error.ErrorCode == BlobErrorCode.LeaseIdMissing)
        {
            // Somebody made it meanwhile, and has its lease.
        }
    }

    private static bool IsHeld(RequestFailedException error) =>
        error.ErrorCode == BlobErrorCode.LeaseAlreadyPresent || error.ErrorCode == BlobErrorCode.LeaseIsBreakingAndCannotBeAcquired;

    private static bool IsNotHeld(RequestFailedException error) =>
        error.ErrorCode == BlobErrorCode.LeaseIdMismatchWithLeaseOperation || error.ErrorCode == BlobErrorCode.LeaseNotPresentWithLeaseOperation
        || error.ErrorCode == BlobErrorCode.LeaseIsBrokenAndCannotBeRenewed || error.ErrorCode == BlobErrorCode.LeaseLost
        || error.ErrorCode == BlobErrorCode.BlobNotFound;
}
