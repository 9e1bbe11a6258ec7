using System.Diagnostics.Metrics;
using IpuNet.Service.Telemetry;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Models;

/// <summary>What the switching of models measures of itself.</summary>
internal static class ModelMetrics
{
    private static readonly Counter<long> Looks = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.models.switches", "{attempt}", "Attempts to run the models that storage has in use, by outcome: switched, waiting for a gallery, failed.");

    public static void Looked(string outcome) => Looks.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}

/// <summary>What is logged of models.</summary>
internal static partial class ModelLog
{
    [LoggerMessage(1, LogLevel.Information, "These models are in use: {Models}.")]
    public static partial void Switched(this ILogger logger, string models);

    [LoggerMessage(2, LogLevel.Warning, "The models {Models} wait: {Galleries} galleries are not re-embedded with them.")]
    public static partial void Waiting(this ILogger logger, string models, int galleries);

    [LoggerMessage(3, LogLevel.Error, "The models that storage has in use cannot be used; the worker goes on with those that it has.")]
    public static partial void Failed(this ILogger logger, Exception error);

    [LoggerMessage(4, LogLevel.Warning, "It could not be seen which models storage has in use; that is tried again soon.")]
    public static partial void CannotLook(this ILogger logger, Exception error);
}
