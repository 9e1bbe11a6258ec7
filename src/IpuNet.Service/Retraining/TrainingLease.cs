using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using IpuNet.Contract;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Retraining;

/// <summary>
/// The right to train, which one process per account has at a time. It is a lease of the blob <see cref="StorageNames.TrainingLease"/>,
/// renewed until this object is disposed of. When its process dies, the lease ends after <see cref="Duration"/>. After a stall or an outage
/// of storage, the lease is taken again unless another process took it. Until that is known, <see cref="IsHeldAsync"/> waits.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The members hold only memory; disposing of them would race with a running renewal.")]
public sealed class TrainingLease : IAsyncDisposable
{
    /// <summary>The duration of a lease without renewal: the longest that storage allows.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);

    /// <summary>The time between renewals.</summary>
    public static readonly TimeSpan Renewal = Duration / 4;

    // The metadata key of the blob that names the last holder.
    private const string HolderKey = "holder";

    // With less time left, a write might still run when another process trains.
    private static readonly TimeSpan SureTime = Duration - Renewal;

    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(5), ReleaseTime = TimeSpan.FromSeconds(10);

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

    /// <summary>
    /// Cancelled when storage says that another process has or had the lease meanwhile. Nothing may be written after that.
    /// </summary>
    public CancellationToken Lost { get; }

    /// <summary>The time provider's timestamp from just before the lease was last taken or renewed.</summary>
    internal long HeldSince => Volatile.Read(ref _heldSince);

    private bool IsSure => _time.GetElapsedTime(HeldSince) < SureTime;

    /// <summary>Takes the lease, if it is free.</summary>
    /// <param name="account">The storage account.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>Null if another process holds the lease.</returns>
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
                // This shows the former holder that the lease was taken, even after it is free again.
                var holder = new Dictionary<string, string> { [HolderKey] = lease.LeaseId };
                await blob.SetMetadataAsync(
                    holder, new BlobRequestConditions { LeaseId = lease.LeaseId }, cancellation).ConfigureAwait(false);
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

    /// <summary>Takes the lease. Waits while another process holds it.</summary>
    /// <param name="account">The storage account.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onWaiting">Called once if the lease is not free at once.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    public static async Task<TrainingLease> AcquireAsync(
        StorageAccount account, TimeProvider time, Action? onWaiting, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(time);
        while (true)
        {
            if (await TryAcquireAsync(account, time, cancellation).ConfigureAwait(false) is { } lease)
                return lease;
            onWaiting?.Invoke();
            onWaiting = null;
            await Task.Delay(RetryPause, time, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Checks, before a write, that no other process trains. Returns at once after a recent renewal, otherwise when storage has renewed the
    /// lease.
    /// </summary>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>False if another process has or had the lease; <see cref="Lost"/> is then cancelled.</returns>
    public async Task<bool> IsHeldAsync(CancellationToken cancellation)
    {
        while (!Lost.IsCancellationRequested && !IsSure)
        {
            if (!await TryRenewAsync(cancellation).ConfigureAwait(false))
                await Task.Delay(RetryPause, _time, cancellation).ConfigureAwait(false);
        }

        return !Lost.IsCancellationRequested;
    }

    /// <summary>Checks that the lease is held; throws if it is not.</summary>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="OperationCanceledException">
    /// Another process has or had the lease, and <see cref="Lost"/> is cancelled; or <paramref name="cancellation"/> is.
    /// </exception>
    public async Task RequireAsync(CancellationToken cancellation)
    {
        if (!await IsHeldAsync(cancellation).ConfigureAwait(false))
            throw new OperationCanceledException("Another process trains in this account.", Lost);
    }

    /// <summary>Releases the lease. If storage does not answer, the lease ends by itself.</summary>
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
            // Another process has the lease, or it will end by itself.
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
                pause = await TryRenewAsync(_ended.Token).ConfigureAwait(false) ? Renewal : RetryPause;
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The lease is being released.
        }
    }

    // False if storage did not answer.
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
            // Storage also renews an expired lease if nobody has taken it since.
            await _lease.RenewAsync(cancellationToken: cancellation).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException error) when (IsNotHeld(error))
        {
            return await IsRetakenAsync(cancellation).ConfigureAwait(false);
        }
    }

    // The lease is free if somebody broke it or storage lost it.
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
            await blob.TryReplaceAsync(
                ReadOnlyMemory<byte>.Empty, "text/plain", metadata: null, read: null, cancellation).ConfigureAwait(false);
        }
        catch (RequestFailedException error) when (error.ErrorCode == BlobErrorCode.LeaseIdMissing)
        {
            // Another process has created the blob and holds its lease.
        }
    }

    private static bool IsHeld(RequestFailedException error) =>
        error.ErrorCode == BlobErrorCode.LeaseAlreadyPresent || error.ErrorCode == BlobErrorCode.LeaseIsBreakingAndCannotBeAcquired;

    private static bool IsNotHeld(RequestFailedException error) =>
        error.ErrorCode == BlobErrorCode.LeaseIdMismatchWithLeaseOperation
        || error.ErrorCode == BlobErrorCode.LeaseNotPresentWithLeaseOperation
        || error.ErrorCode == BlobErrorCode.LeaseIsBrokenAndCannotBeRenewed || error.ErrorCode == BlobErrorCode.LeaseLost
        || error.ErrorCode == BlobErrorCode.BlobNotFound;
}
