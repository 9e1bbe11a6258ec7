using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace IpuNet.Service.Queues;

/// <summary>
/// Hides a message from other readers until it is ended, by renewing its invisibility. If a renewal comes too late, the message is still
/// held as long as no other reader took it.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The members hold only memory; disposing of them would race with a running renewal.")]
internal sealed class MessageLease
{
    private const int RenewalsInATimeout = 3, AttemptsInATimeout = 12;

    private readonly QueueClient _queue;
    private readonly string _messageId;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _lost = new(), _ended = new();

    /// <summary>Holds a message that was just received.</summary>
    /// <param name="queue">The message's queue.</param>
    /// <param name="message">The message.</param>
    /// <param name="timeout">How long each receipt or renewal hides the message.</param>
    /// <param name="time">The clock.</param>
    public MessageLease(QueueClient queue, QueueMessage message, TimeSpan timeout, TimeProvider time)
    {
        (_queue, _messageId, _timeout, _time) = (queue, message.MessageId, timeout, time);
        (Receipt, HiddenUntil) = (message.PopReceipt, message.NextVisibleOn);
        Lost = _lost.Token;
        _ = RenewUntilEndedAsync();
    }

    /// <summary>Cancelled when storage says that another reader has the message, or that it does not exist.</summary>
    public CancellationToken Lost { get; }

    /// <summary>The receipt that proves to storage that the message is held here.</summary>
    public string Receipt { get; private set; }

    /// <summary>The time until which storage hides the message, by its last answer.</summary>
    public DateTimeOffset? HiddenUntil { get; private set; }

    /// <summary>Stops the renewal and ends the message. Does nothing to a message that is no longer held.</summary>
    /// <param name="last">Ends the message; gets the receipt.</param>
    public async Task EndAsync(Func<string, Task> last)
    {
        await _ended.CancelAsync().ConfigureAwait(false);

        // A running renewal changes the receipt, so it is awaited.
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            await last(Receipt).ConfigureAwait(false);
        }
        catch (RequestFailedException error) when (IsNotHeld(error))
        {
            await _lost.CancelAsync().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Continues to hold a message that this process received again because a renewal came too late.</summary>
    /// <returns>False if the message is ended or lost; it must then be handled like any other.</returns>
    public async Task<bool> TryTakeOverAsync(QueueMessage again)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_ended.IsCancellationRequested || _lost.IsCancellationRequested)
                return false;
            (Receipt, HiddenUntil) = (again.PopReceipt, again.NextVisibleOn);
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task RenewUntilEndedAsync()
    {
        TimeSpan pause = _timeout / RenewalsInATimeout;
        while (!_lost.IsCancellationRequested)
        {
            await Task.Delay(pause, _time, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _turn.WaitAsync().ConfigureAwait(false);
            try
            {
                if (_ended.IsCancellationRequested)
                    return;
                pause = _timeout / (await TryRenewAsync().ConfigureAwait(false) ? RenewalsInATimeout : AttemptsInATimeout);
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    // False if storage did not answer.
    private async Task<bool> TryRenewAsync()
    {
        try
        {
            UpdateReceipt renewed = await _queue.UpdateMessageAsync(_messageId, Receipt, visibilityTimeout: _timeout).ConfigureAwait(false);
            (Receipt, HiddenUntil) = (renewed.PopReceipt, renewed.NextVisibleOn);
            return true;
        }
        catch (RequestFailedException error) when (IsNotHeld(error))
        {
            await _lost.CancelAsync().ConfigureAwait(false);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private static bool IsNotHeld(RequestFailedException error) =>
        error.ErrorCode == QueueErrorCode.MessageNotFound || error.ErrorCode == QueueErrorCode.PopReceiptMismatch;
}
