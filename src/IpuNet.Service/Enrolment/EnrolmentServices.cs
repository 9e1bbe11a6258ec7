using System.Diagnostics.Metrics;
using IpuNet.Contract;
using IpuNet.Service.Galleries;
using IpuNet.Service.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Enrolment;

/// <summary>Registers enrolment.</summary>
public static class EnrolmentServices
{
    /// <summary>
    /// Adds <see cref="EnrolmentConsumer"/>, configured by the section <see cref="EnrolmentOptions.Section"/>. Storage, queues and models
    /// must be registered too.
    /// </summary>
    public static IServiceCollection AddEnrolment(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<EnrolmentOptions>().Bind(configuration.GetSection(EnrolmentOptions.Section))
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddGalleries();
        services.AddHostedService<EnrolmentConsumer>();
        return services;
    }
}

/// <summary>The log messages of enrolment. They contain no subject id and no image name.</summary>
internal static partial class EnrolmentLog
{
    [LoggerMessage(1, LogLevel.Information, "Enrolment {Job} ({Action}): {Status}.")]
    public static partial void Done(this ILogger logger, string job, EnrolmentAction action, EnrolmentStatus status);
}

/// <summary>The metrics of enrolment.</summary>
internal static class EnrolmentMetrics
{
    private static readonly Counter<long> Jobs = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.enrolments", "{job}", "Enrolments that have an answer, by action and status.");

    private static readonly Counter<long> RefusedImages = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.enrolment.refused", "{image}", "Images that were not enrolled, by category.");

    public static void Done(EnrolmentAction? action, EnrolmentStatus status) => Jobs.Add(
        1,
        new KeyValuePair<string, object?>("action", action?.ToString().ToLowerInvariant() ?? "unknown"),
        new KeyValuePair<string, object?>("status", status.ToString().ToLowerInvariant()));

    public static void Refused(string category) => RefusedImages.Add(1, new KeyValuePair<string, object?>("category", category));
}
