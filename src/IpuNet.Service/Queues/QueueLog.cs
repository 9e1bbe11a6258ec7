using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Queues;

/// <summary>What is logged of queues. No message's body is.</summary>
internal static partial class QueueLog
{
    [LoggerMessage(1, LogLevel.Warning, "Queue {Queue} cannot be read at present; the next look is in {Pause}.")]
    public static partial void CannotRead(this ILogger logger, Exception error, string queue, TimeSpan pause);

    [LoggerMessage(2, LogLevel.Warning, "Message {Message} of queue {Queue} is no longer this reader's; it will be handled again.")]
    public static partial void LeaseLost(this ILogger logger, string message, string queue);

    [LoggerMessage(3, LogLevel.Warning, "Message {Message} of queue {Queue} goes to poison: {Category}. `ipunet poison show {Message}` says why.")]
    public static partial void Poisoned(this ILogger logger, string message, string queue, string category);

    [LoggerMessage(4, LogLevel.Warning, "Message {Message} of queue {Queue} could not be given back; it comes back by itself.")]
    public static partial void CannotReturn(this ILogger logger, Exception error, string message, string queue);
}
