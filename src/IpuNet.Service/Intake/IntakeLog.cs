using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Intake;

/// <summary>What is logged of the intake. No file's name is.</summary>
internal static partial class IntakeLog
{
    [LoggerMessage(1, LogLevel.Information, "An upload of batch {Batch} is refused; its result says why.")]
    public static partial void Refused(this ILogger logger, string batch);

    [LoggerMessage(2, LogLevel.Information, "An archive of batch {Batch} is unpacked: {Accepted} images are taken, {Refused} entries are refused.")]
    public static partial void Unpacked(this ILogger logger, string batch, int accepted, int refused);

    [LoggerMessage(3, LogLevel.Information, "An upload of batch {Batch} was replaced or removed while it was handled; it is looked at again.")]
    public static partial void Replaced(this ILogger logger, string batch);

    [LoggerMessage(4, LogLevel.Warning, "Uploads cannot be listed at present; the next look is in {Pause}.")]
    public static partial void CannotList(this ILogger logger, Exception error, TimeSpan pause);

    [LoggerMessage(5, LogLevel.Warning, "An upload of batch {Batch} could not be taken in at try {Try}; the next is in {Pause}.")]
    public static partial void CannotTake(this ILogger logger, Exception error, string batch, int @try, TimeSpan pause);
}
