using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Recognition;

/// <summary>What the recognition logs: no name of an image or of a subject.</summary>
internal static partial class RecognitionLog
{
    [LoggerMessage(1, LogLevel.Debug, "Message {Message} of batch {Batch}: {Images} images done.")]
    public static partial void Done(this ILogger logger, string message, string batch, int images);

    [LoggerMessage(2, LogLevel.Warning, "Message {Message} was delivered {Delivery} times without an end: its images are worked on one by one.")]
    public static partial void Suspected(this ILogger logger, string message, long delivery);

    [LoggerMessage(3, LogLevel.Error, "The models failed at a batch: its {Images} images are worked on one by one.")]
    public static partial void PipelineFailed(this ILogger logger, Exception error, int images);
}
