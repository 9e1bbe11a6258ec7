using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace IpuNet.Service.Queues;

/// <summary>Keeps a message from other readers until it is ended, by renewing its invisibility in time.</summary>
[SuppressMessage("Design", "CA1001", Justification = "They hold nothing but memory; disposing them would race with a renewal under way.")]
internal sealed class MessageLease
{
    private const int RenewalsInATimeout = 3;

    private readonly QueueClient _queue;
    private readonly string _messageId;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _lost = new(), _ended = new();
    private long _heldSince;

    /// <summary>Takes over a message that was just received.</summary>
    /// <param name="queue">Its queue.</param>
    /// <param name="message">The message.</param>
    /// <param name="timeout">How long it was hidden when it was received, and is each time it is renewed.</param>
    /// <param name="receivedAt">The time provider's timestamp from before it was asked for.</param>
    /// <param name="time">The time.</param>
    public MessageLease(QueueClient queue, QueueMessage message, TimeSpan timeout, long receivedAt, TimeProvider time)
    {
        (_queue, _messageId, _timeout, _heldSince, _time) = (queue, message.MessageId, timeout, receivedAt, time);
        (Receipt, HiddenUntil) = (message.PopReceipt, message.NextVisibleOn);
        Lost = _lost.Token;
        _ = RenewUntilEndedAsync();
    }

    /// <summary>Is cancelled when another reader may have the message.</summary>
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

    private async Task RenewUntilEndedAsync()
    {
        while (!_lost.IsCancellationRequested)
        {
            await Task.Delay(_timeout / RenewalsInATimeout, _time, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _turn.WaitAsync().ConfigureAwait(false);
            try
            {
                if (_ended.IsCancellationRequested)
                    return;
                await RenewAsync().ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    private async Task RenewAsync()
    {
        try
        {
            long asked = _time.GetTimestamp();
            TimeSpan left = _timeout - _time.GetElapsedTime(_heldSince, asked);
            using var limit = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time);
            UpdateReceipt renewed = await _queue.UpdateMessageAsync(_messageId, Receipt, visibilityTimeout: _timeout, cancellationToken: limit.Token).ConfigureAwait(false);
            (Receipt, HiddenUntil, _heldSince) = (renewed.PopReceipt, renewed.NextVisibleOn, asked);
        }
        catch (RequestFailedException error) when (IsNotHeld(error))
        {
            await _lost.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception) when (_time.GetElapsedTime(_heldSince) < _timeout)
        {
            // Storage is away for the moment; there is time for another attempt.
        }
        catch (Exception)
        {
            await _lost.CancelAsync().ConfigureAwait(false);
        }
    }

    private static bool IsNotHeld(RequestFailedException error) =>
        error.ErrorCode == QueueErrorCode.MessageNotFound || error.ErrorCode == QueueErrorCode.PopReceiptMismatch;
}
