using IpuNet.Contract;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Queues;

/// <summary>Decides what happens to a message after an attempt, and does it.</summary>
internal static partial class MessageSettlement
{
    /// <summary>The number of deliveries before a message is suspected of crashing the worker.</summary>
    public const int TrustedDeliveries = 5;

    // Each delivery already reads several times.
    private const int ReadingDeliveries = 3;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(2), LongestDelay = TimeSpan.FromMinutes(1);

    /// <summary>The reason to put a message into poison after repeated failures; null if it gets another attempt.</summary>
    public static JobRefusedException? GivenUp(LeasedMessage message, Exception failure) => failure switch
    {
        OperationCanceledException or JobRefusedException => null,
        UnreadableBlobException lost when message.DequeueCount >= ReadingDeliveries =>
            new JobRefusedException("storage", lost.Reason, lost),
        UnreadableBlobException => null,
        // An outage of storage says nothing about the message.
        _ => message.DequeueCount >= TrustedDeliveries && !StorageCheck.IsUnavailable(failure)
            ? new JobRefusedException(
                "error", $"{failure.GetType().Name} at each of {message.DequeueCount} deliveries; the log of the worker has the details.",
                failure)
            : null,
    };

    /// <summary>Completes the message, puts it into poison or returns it. Throws nothing.</summary>
    /// <param name="message">The message.</param>
    /// <param name="failure">The failure of the attempt; null if it succeeded.</param>
    /// <param name="logger">Logs failures.</param>
    /// <param name="stop">Cancels the handling; the message returns to the queue by itself.</param>
    public static async Task SettleAsync(LeasedMessage message, Exception? failure, ILogger logger, CancellationToken stop)
    {
        try
        {
            switch (failure)
            {
                case null:
                    await message.CompleteAsync(stop).ConfigureAwait(false);
                    break;
                case JobRefusedException refusal:
                    Refused(logger, message.Id, refusal.Category);
                    await message.PoisonAsync(refusal.Category, refusal.Message, stop).ConfigureAwait(false);
                    break;
                case OperationCanceledException:
                    await message.ReturnAsync(TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
                    break;
                default:
                    Failed(logger, failure, message.Id, message.DequeueCount);
                    if (GivenUp(message, failure) is { } reason)
                        await message.PoisonAsync(reason.Category, reason.Message, stop).ConfigureAwait(false);
                    else
                        await message.ReturnAsync(DelayOf(message, failure), stop).ConfigureAwait(false);
                    break;
            }
        }
        catch (Exception error)
        {
            NotEnded(logger, error, message.Id);
        }
    }

    private static TimeSpan DelayOf(LeasedMessage message, Exception failure)
    {
        // As soon as storage answers, there is nothing to wait for.
        if (StorageCheck.IsUnavailable(failure))
            return FirstDelay;
        TimeSpan delay = FirstDelay * Math.Pow(2, message.DequeueCount - 1);
        return delay < LongestDelay ? delay : LongestDelay;
    }

    [LoggerMessage(1, LogLevel.Warning, "Message {Message} was refused ({Category}).")]
    private static partial void Refused(ILogger logger, string message, string category);

    [LoggerMessage(2, LogLevel.Warning, "Message {Message} failed at delivery {Delivery}.")]
    private static partial void Failed(ILogger logger, Exception error, string message, long delivery);

    [LoggerMessage(3, LogLevel.Warning, "Message {Message} could not be ended in the queue. It returns by itself.")]
    private static partial void NotEnded(ILogger logger, Exception error, string message);
}
