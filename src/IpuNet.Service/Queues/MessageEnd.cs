using IpuNet.Service.Messages;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Queues;

/// <summary>What becomes of a message after an attempt at it.</summary>
internal static partial class MessageEnd
{
    /// <summary>Deliveries up to which a message is not suspected of ending the worker.</summary>
    public const int TrustedDeliveries = 5;

    // Each reads several times already.
    private const int ReadingDeliveries = 3;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(2), LongestDelay = TimeSpan.FromMinutes(1);

    /// <summary>The reason why a message goes to poison whose handling failed each time; null where it is to be tried again.</summary>
    public static JobRefusedException? GivenUp(LeasedMessage message, Exception failure) => failure switch
    {
        OperationCanceledException or JobRefusedException => null,
        UnreadableBlobException lost when message.DequeueCount >= ReadingDeliveries => new JobRefusedException("storage", lost.Reason, lost),
        UnreadableBlobException => null,
        // A storage account that is away for a while says nothing about the message.
        _ => message.DequeueCount >= TrustedDeliveries && !StorageCheck.IsUnavailable(failure)
            ? new JobRefusedException("error", $"{failure.GetType().Name} at each of {message.DequeueCount} deliveries; the log of the worker has the details.", failure)
            : null,
    };

    /// <summary>Completes the message, gives it to poison or back; throws nothing.</summary>
    /// <param name="message">The message.</param>
    /// <param name="failure">What went wrong; null where nothing did.</param>
    /// <param name="logger">Is told of it.</param>
    /// <param name="stop">Gives up: the message then comes back by itself.</param>
    public static async Task EndAsync(LeasedMessage message, Exception? failure, ILogger logger, CancellationToken stop)
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
        // Once storage answers, nothing is to be waited for.
        if (StorageCheck.IsUnavailable(failure))
            return FirstDelay;
        TimeSpan delay = FirstDelay * Math.Pow(2, message.DequeueCount - 1);
        return delay < LongestDelay ? delay : LongestDelay;
    }

    [LoggerMessage(1, LogLevel.Warning, "Message {Message} is refused ({Category}).")]
    private static partial void Refused(ILogger logger, string message, string category);

    [LoggerMessage(2, LogLevel.Warning, "Message {Message} failed at delivery {Delivery}.")]
    private static partial void Failed(ILogger logger, Exception error, string message, long delivery);

    [LoggerMessage(3, LogLevel.Warning, "Message {Message} could not be ended in the queue; it comes back by itself.")]
    private static partial void NotEnded(ILogger logger, Exception error, string message);
}
