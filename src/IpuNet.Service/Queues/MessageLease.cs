using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace IpuNet.Service.Queues;

/// <summary>
/// Keeps a message from other readers until it is ended, by renewing its invisibility in time. Where that was not possible for so long that others
/// could see the message, it is still held if none of them took it.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "They hold nothing but memory; disposing them would race with a renewal under way.")]
internal sealed class MessageLease
{
    private const int RenewalsInATimeout = 3, AttemptsInATimeout = 12;

    private readonly QueueClient _queue;
    private readonly string _messageId;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _lost = new(), _ended = new();

    /// <summary>Takes over a message that was just received.</summary>
    /// <param name="queue">Its queue.</param>
    /// <param name="message">The message.</param>
    /// <param name="timeout">How long it was hidden when it was received, and is each time it is renewed.</param>
    /// <param name="time">The time.</param>
    public MessageLease(QueueClient queue, QueueMessage message, TimeSpan timeout, TimeProvider time)
    {
        (_queue, _messageId, _timeout, _time) = (queue, message.MessageId, timeout, time);
        (Receipt, HiddenUntil) = (message.PopReceipt, message.NextVisibleOn);
        Lost = _lost.Token;
        _ = RenewUntilEndedAsync();
    }

    /// <summary>Is cancelled when storage says that another reader has the message, or that it is gone.</summary>
    public CancellationToken Lost { get; }

    /// <summary>What proves to storage that the message is held here.</summary>
    public string Receipt { get; private set; }

    /// <summary>Until when storage hides the message, as it last said.</summary>
    public DateTimeOffset? HiddenUntil { get; private set; }

    /// <summary>Renews no more, and does what is last done with the message. A message that is not held any more is let be.</summary>
    /// <param name="last">Is given the receipt.</param>
    public async Task EndAsync(Func<string, Task> last)
    {
        await _ended.CancelAsync().ConfigureAwait(false);

        // A renewal under way is waited for: it changes the receipt.
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

    /// <summary>Goes on with a message that this process was given once more, because its renewal came too late.</summary>
    /// <returns>False where it is ended or lost: then it is to be handled as any other.</returns>
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

    // False where storage did not say.
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
