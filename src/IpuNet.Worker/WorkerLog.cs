namespace IpuNet.Worker;

internal static partial class WorkerLog
{
    [LoggerMessage(1, LogLevel.Information, "The models are loaded and run on {Device}.")]
    public static partial void Ready(this ILogger logger, string device);
}
