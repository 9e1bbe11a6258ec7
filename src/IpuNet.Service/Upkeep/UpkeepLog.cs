using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Upkeep;

/// <summary>What is logged of the upkeep.</summary>
internal static partial class UpkeepLog
{
    [LoggerMessage(1, LogLevel.Information, "The time of batch {Batch} is up: {Blobs} blobs are removed.")]
    public static partial void Removed(ILogger logger, string batch, int blobs);

    [LoggerMessage(2, LogLevel.Warning, "Message {Message} lies in {Queue} without a reason; one is written down.")]
    public static partial void WithoutReason(ILogger logger, string message, string queue);

    [LoggerMessage(3, LogLevel.Warning, "{Uploads} uploads of batch {Batch} had no result after a day, and are taken in now.")]
    public static partial void Missed(ILogger logger, string batch, int uploads);

    [LoggerMessage(4, LogLevel.Information, "Nobody goes on with training {Job}: {Blobs} blobs are removed.")]
    public static partial void Abandoned(ILogger logger, string job, int blobs);
}
