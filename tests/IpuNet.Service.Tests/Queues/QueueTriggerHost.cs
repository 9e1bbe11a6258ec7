using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using IpuNet.Contract;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Tests.Queues;

/// <summary>
/// Handles a queue as the Functions host does for a queue trigger. It receives messages in batches, decodes them, calls the function for
/// all messages of a batch at a time, and deletes those that succeed. Messages that fail each time go to the poison queue, without a
/// reason.
/// </summary>
internal sealed class QueueTriggerHost(StorageAccount account, string queue, Func<QueueMessage, CancellationToken, Task> function)
{
    // The values of host.json.
    private const int BatchSize = 16, MaxDequeueCount = 5;

    private readonly QueueClient _queue = account.Queue(queue), _twin = account.Queue(queue + StorageNames.PoisonSuffix);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Calls the function until the queue is empty.</summary>
    public async Task RunAsync()
    {
        while (await ReceiveAsync() is { Length: > 0 } batch)
            await Task.WhenAll(batch.Select(HandleAsync));
    }

    /// <summary>Receives messages, decoded as the function gets them. They stay hidden in the queue.</summary>
    public async Task<QueueMessage[]> ReceiveAsync() =>
        [.. (await _queue.ReceiveMessagesAsync(BatchSize, TimeSpan.FromMinutes(10), Cancellation)).Value.Select(Decode)];

    /// <summary>Removes a message after the function succeeded.</summary>
    public Task DeleteAsync(QueueMessage message) => _queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, Cancellation);

    private static QueueMessage Decode(QueueMessage message) => QueuesModelFactory.QueueMessage(
        message.MessageId, message.PopReceipt, new BinaryData(WireMessage.Decode(message.Body.ToString())!), message.DequeueCount,
        message.NextVisibleOn, message.InsertedOn, message.ExpiresOn);

    private async Task HandleAsync(QueueMessage message)
    {
        try
        {
            await function(message, Cancellation);
        }
        catch (Exception) when (message.DequeueCount < MaxDequeueCount)
        {
            await _queue.UpdateMessageAsync(
                message.MessageId, message.PopReceipt, visibilityTimeout: TimeSpan.Zero, cancellationToken: Cancellation);
            return;
        }
        catch (Exception)
        {
            await _twin.SendMessageAsync(WireMessage.Encode(message.Body), Cancellation);
        }

        await DeleteAsync(message);
    }
}
