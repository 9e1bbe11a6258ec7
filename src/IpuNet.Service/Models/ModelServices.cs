using System.Diagnostics.Metrics;
using IpuNet.Service.Galleries;
using IpuNet.Service.Registry;
using IpuNet.Service.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Models;

/// <summary>Registers the models.</summary>
public static class ModelServices
{
    /// <summary>
    /// Adds <see cref="ServingModels"/>, configured by the section <see cref="ModelOptions.Section"/> and by storage, and the watch that
    /// switches models as storage says. <see cref="Hosting.HostReadiness"/> loads the models before the host starts. Storage must be
    /// registered too.
    /// </summary>
    public static IServiceCollection AddIpuNetModels(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<ModelOptions>().Bind(configuration.GetSection(ModelOptions.Section))
            .ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddGalleries();
        services.TryAddSingleton<ServingModels>();
        services.TryAddSingleton<ModelRegistry>();
        services.TryAddSingleton(provider => new ModelLoader(
            provider.GetRequiredService<ModelRegistry>(), provider.GetRequiredService<IOptions<ModelOptions>>().Value));
        services.TryAddSingleton<ModelSwitch>();
        services.AddHostedService<ModelWatch>();
        return services;
    }
}

/// <summary>The metrics of model switches.</summary>
internal static class ModelMetrics
{
    private static readonly Counter<long> Looks = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.models.switches", "{attempt}",
        "Attempts to run the models that storage has in use, by outcome: switched, waiting for a gallery, failed.");

    public static void Looked(string outcome) => Looks.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}

/// <summary>The log messages about models.</summary>
internal static partial class ModelLog
{
    [LoggerMessage(1, LogLevel.Information, "Models now in use: {Models}.")]
    public static partial void Switched(this ILogger logger, string models);

    [LoggerMessage(2, LogLevel.Warning, "The models {Models} must wait: {Galleries} galleries are not re-embedded with them yet.")]
    public static partial void Waiting(this ILogger logger, string models, int galleries);

    [LoggerMessage(3, LogLevel.Error, "The models that storage names as in use cannot be used. The worker keeps its present models.")]
    public static partial void Failed(this ILogger logger, Exception error);

    [LoggerMessage(4, LogLevel.Warning, "Cannot read from storage which models are in use. Trying again soon.")]
    public static partial void CannotLook(this ILogger logger, Exception error);
}

/// <summary>Checks regularly whether storage names other models as in use.</summary>
/// <param name="models">Switches the models.</param>
/// <param name="options">The interval of the checks.</param>
/// <param name="time">The clock.</param>
public sealed class ModelWatch(ModelSwitch models, IOptions<ModelOptions> options, TimeProvider time) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var timer = new PeriodicTimer(options.Value.PollInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            await models.LookAsync(stoppingToken).ConfigureAwait(false);
    }
}
