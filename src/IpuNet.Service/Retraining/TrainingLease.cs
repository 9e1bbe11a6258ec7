using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Retraining;

/// <summary>
/// The right to train, which one process has at a time in an account: a lease of the blob <see cref="StorageNames.TrainingLease"/>, renewed
/// for as long as this lives. That of a process that died runs out by itself, after <see cref="Duration"/>. That of one that was held up, or whose
/// storage was away, is taken again if nobody else took it; until that is known, <see cref="IsHeldAsync"/> waits.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "They hold nothing but memory; disposing them would race with a renewal under way.")]
public sealed class TrainingLease : IAsyncDisposable
{
    /// <summary>How long it lasts when it is not renewed: the longest that storage knows of.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);

    /// <summary>How long after a renewal the next one is.</summary>
    public static readonly TimeSpan Renewal = Duration / 4;

    // Of the blob: the last who took the lease.
    private const string HolderKey = "holder";

    // With less left, what is begun might be done when another process trains.
    private static readonly TimeSpan SureTime = Duration - Renewal;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5), ReleaseTime = TimeSpan.FromSeconds(10);

    private readonly BlobClient _blob;
    private readonly BlobLeaseClient _lease;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _lost = new(), _ended = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Task _renewing;
    private long _heldSince;

    private TrainingLease(BlobClient blob, BlobLeaseClient lease, long heldSince, TimeProvider time)
    {
        (_blob, _lease, _heldSince, _time) = (blob, lease, heldSince, time);
        Lost = _lost.Token;
        _renewing = RenewUntilEndedAsync();
    }

    /// <summary>Is cancelled when storage says that another process has or had it since: nothing is to be written any more.</summary>
    public CancellationToken Lost { get; }

    /// <summary>The time provider's timestamp from before it was last taken or renewed.</summary>
    internal long HeldSince => Volatile.Read(ref _heldSince);

    private bool IsSure => _time.GetElapsedTime(HeldSince) < SureTime;

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
                // Whoever had it before sees by this that it was taken, also when it is free again.
                var holder = new Dictionary<string, string> { [HolderKey] = lease.LeaseId };
                await blob.SetMetadataAsync(holder, new BlobRequestConditions { LeaseId = lease.LeaseId }, cancellation).ConfigureAwait(false);
                return new TrainingLease(blob, lease, asked, time);
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

    /// <summary>
    /// Makes sure, before something is written, that no other process trains: at once where the lease was renewed lately, else when storage has
    /// renewed it.
    /// </summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>False where another process has or had it, and <see cref="Lost"/> is cancelled.</returns>
    public async Task<bool> IsHeldAsync(CancellationToken cancellation)
    {
        while (!Lost.IsCancellationRequested && !IsSure)
        {
            if (!await TryRenewAsync(cancellation).ConfigureAwait(false))
                await Task.Delay(Look, _time, cancellation).ConfigureAwait(false);
        }

        return !Lost.IsCancellationRequested;
    }

    /// <summary>Makes sure of it, or stops.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="OperationCanceledException">Another process has or had it, and <see cref="Lost"/> is cancelled; or this was cancelled.</exception>
    public async Task RequireAsync(CancellationToken cancellation)
    {
        if (!await IsHeldAsync(cancellation).ConfigureAwait(false))
            throw new OperationCanceledException("Another process trains in this account.", Lost);
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
        try
        {
            TimeSpan pause = Renewal;
            while (!Lost.IsCancellationRequested)
            {
                await Task.Delay(pause, _time, _ended.Token).ConfigureAwait(false);
                pause = await TryRenewAsync(_ended.Token).ConfigureAwait(false) ? Renewal : Look;
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // It is let go.
        }
    }

    // False where storage did not say whether it is held.
    private async Task<bool> TryRenewAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            long asked = _time.GetTimestamp();
            if (await IsRenewedAsync(cancellation).ConfigureAwait(false))
                Volatile.Write(ref _heldSince, asked);
            else
                await _lost.CancelAsync().ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<bool> IsRenewedAsync(CancellationToken cancellation)
    {
        try
        {
            // Storage also renews one that has run out, if nobody has taken it since.
            await _lease.RenewAsync(cancellationToken: cancellation).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException error) when (IsNotHeld(error))
        {
            return await IsRetakenAsync(cancellation).ConfigureAwait(false);
        }
    }

    // It is nobody's where somebody broke it, or storage has forgotten it.
    private async Task<bool> IsRetakenAsync(CancellationToken cancellation)
    {
        try
        {
            await _lease.AcquireAsync(Duration, cancellationToken: cancellation).ConfigureAwait(false);
            BlobProperties blob = await _blob.GetPropertiesAsync(cancellationToken: cancellation).ConfigureAwait(false);
            if (blob.Metadata.TryGetValue(HolderKey, out string? holder) && holder == _lease.LeaseId)
                return true;
            await _lease.ReleaseAsync(cancellationToken: cancellation).ConfigureAwait(false);
            return false;
        }
        catch (RequestFailedException error) when (IsHeld(error) || IsNotHeld(error))
        {
            return false;
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
