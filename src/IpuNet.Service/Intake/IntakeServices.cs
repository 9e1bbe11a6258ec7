using System.Diagnostics.Metrics;
using IpuNet.Service.Queues;
using IpuNet.Service.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Intake;

/// <summary>Registers the intake.</summary>
public static class IntakeServices
{
    /// <summary>
    /// Adds <see cref="UploadIntake"/> and its queues. <see cref="Storage.StorageServices.AddIpuNetStorage"/> must be called too.
    /// </summary>
    public static IServiceCollection AddIntake(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddIpuNetQueues(configuration);
        services.TryAddSingleton(UploadLimits.Default);
        services.TryAddSingleton<UploadIntake>();
        return services;
    }

    /// <summary>Adds <see cref="UploadPoller"/> and the intake, for an account without a Functions host.</summary>
    public static IServiceCollection AddUploadPoller(this IServiceCollection services, IConfiguration configuration) =>
        services.AddIntake(configuration).AddHostedService<UploadPoller>();
}

/// <summary>The log messages of the intake. They contain no file name.</summary>
internal static partial class IntakeLog
{
    [LoggerMessage(1, LogLevel.Information, "An upload of batch {Batch} was refused. Its result has the reason.")]
    public static partial void Refused(this ILogger logger, string batch);

    [LoggerMessage(2, LogLevel.Information, "Unpacked an archive of batch {Batch}: {Accepted} images accepted, {Refused} entries refused.")]
    public static partial void Unpacked(this ILogger logger, string batch, int accepted, int refused);

    [LoggerMessage(3, LogLevel.Information, "An upload of batch {Batch} was replaced or removed during handling. Checking it again.")]
    public static partial void Replaced(this ILogger logger, string batch);

    [LoggerMessage(4, LogLevel.Warning, "Cannot list the uploads. Trying again in {Pause}.")]
    public static partial void CannotList(this ILogger logger, Exception error, TimeSpan pause);

    [LoggerMessage(5, LogLevel.Warning, "Cannot handle an upload of batch {Batch} (attempt {Try}). Trying again in {Pause}.")]
    public static partial void CannotTake(this ILogger logger, Exception error, string batch, int @try, TimeSpan pause);
}

/// <summary>The metrics of the intake.</summary>
internal static class IntakeMetrics
{
    private static readonly Counter<long> RefusedCounter = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.refused", "{item}", "Refused uploads and archive entries, by category.");

    private static readonly Counter<long> TakenCounter = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.uploads", "{upload}", "Accepted uploads, including archives.");

    public static void Taken(int uploads = 1) => TakenCounter.Add(uploads);

    public static void Refused(string kind, string category) =>
        RefusedCounter.Add(1, new KeyValuePair<string, object?>("kind", kind), new KeyValuePair<string, object?>("category", category));
}
