using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace IpuNet.Service.Queues;

/// <summary>A message's place in a poison queue.</summary>
internal sealed record PoisonPlace(string MessageId, string Receipt);

/// <summary>A queue of messages that could not be handled. It is read only to take one of them out.</summary>
internal sealed class PoisonQueue(QueueClient client)
{
    private const int MostReceived = 32;
    private static readonly TimeSpan SearchTime = TimeSpan.FromSeconds(30);

    public async Task<PoisonPlace> AddAsync(string wire, CancellationToken cancellation)
    {
        SendReceipt sent = await client.SendMessageAsync(
            wire, timeToLive: WireMessage.Forever, cancellationToken: cancellation).ConfigureAwait(false);
        return new PoisonPlace(sent.MessageId, sent.PopReceipt);
    }

    /// <summary>Removes a message, if it exists.</summary>
    public async Task RemoveAsync(PoisonPlace place, CancellationToken cancellation)
    {
        if (await TryDeleteAsync(place, cancellation).ConfigureAwait(false))
            return;

        // The receipt is out of date if somebody has looked at the message since.
        if (await FindAsync(message => message.MessageId == place.MessageId, cancellation).ConfigureAwait(false) is { } found)
            await TryDeleteAsync(found, cancellation).ConfigureAwait(false);
    }

    /// <summary>Searches for a message. The search invalidates the receipts of the messages that it reads.</summary>
    public Task<PoisonPlace?> FindAsync(string wire, CancellationToken cancellation) =>
        FindAsync(message => message.Body.ToString() == wire, cancellation);

    private async Task<PoisonPlace?> FindAsync(Func<QueueMessage, bool> isIt, CancellationToken cancellation)
    {
        List<QueueMessage> seen = [];
        try
        {
            while (true)
            {
                QueueMessage[] some = await client.ReceiveMessagesAsync(MostReceived, SearchTime, cancellation).ConfigureAwait(false);
                if (some.Length == 0)
                    return null;
                seen.AddRange(some);
                if (some.FirstOrDefault(isIt) is { } found)
                {
                    seen.Remove(found);
                    return new PoisonPlace(found.MessageId, found.PopReceipt);
                }
            }
        }
        finally
        {
            foreach (QueueMessage message in seen)
                await ShowAsync(message, cancellation).ConfigureAwait(false);
        }
    }

    private async Task ShowAsync(QueueMessage message, CancellationToken cancellation)
    {
        try
        {
            await client.UpdateMessageAsync(
                message.MessageId, message.PopReceipt, visibilityTimeout: TimeSpan.Zero,
                cancellationToken: cancellation).ConfigureAwait(false);
        }
        catch (RequestFailedException error) when (error.Status is 400 or 404)
        {
            // Another reader has the message and will show it again or remove it.
        }
    }

    private async Task<bool> TryDeleteAsync(PoisonPlace place, CancellationToken cancellation)
    {
        try
        {
            await client.DeleteMessageAsync(place.MessageId, place.Receipt, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException error) when (error.Status is 400 or 404)
        {
            return false;
        }
    }
}
