using Azure.Monitor.OpenTelemetry.Exporter;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace IpuNet.Service.Telemetry;

/// <summary>Registers telemetry.</summary>
public static class TelemetryServices
{
    /// <summary>Setting with the address of a collector of OpenTelemetry.</summary>
    public const string CollectorSetting = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Setting with the connection string of Application Insights; who sends is known by the identity, as with storage.</summary>
    public const string InsightsSetting = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    // The exporter reports on itself to its maker, not to Application Insights; it is told otherwise by the environment only.
    private const string ExportersOwnReports = "APPLICATIONINSIGHTS_SDKSTATS_DISABLED_ALL";

    // Polly's, which measures how requests to storage are repeated.
    private const string StorageMeter = "Polly";

    /// <summary>Whether telemetry is sent anywhere. Where not, nobody has to collect it.</summary>
    public static bool IsSent(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return !string.IsNullOrEmpty(configuration[InsightsSetting]) || !string.IsNullOrEmpty(configuration[CollectorSetting]);
    }

    /// <summary>
    /// Adds metrics and traces by OpenTelemetry. They are sent to Application Insights, with logs, where <see cref="InsightsSetting"/> is set, else to a
    /// collector where <see cref="CollectorSetting"/> is, else nowhere.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">The configuration.</param>
    /// <param name="name">Name of the program.</param>
    public static OpenTelemetryBuilder AddIpuNetTelemetry(this IServiceCollection services, IConfiguration configuration, string name)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        OpenTelemetryBuilder telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(name, serviceVersion: typeof(TelemetryServices).Assembly.GetName().Version?.ToString()))
            .WithMetrics(metrics => metrics.AddMeter(ServiceMeter.Name, PipelineStage.SourceName, StorageMeter).AddRuntimeInstrumentation())
            .WithTracing(traces => traces.AddSource(ServiceMeter.Name, PipelineStage.SourceName));
        if (configuration[InsightsSetting] is { Length: > 0 } insights)
        {
            Environment.SetEnvironmentVariable(ExportersOwnReports, "true");
            string? identity = configuration[$"{StorageOptions.Section}:{nameof(StorageOptions.ManagedIdentityClientId)}"];
            telemetry.UseAzureMonitorExporter(options => (options.ConnectionString, options.Credential) = (insights, ServiceIdentity.Of(identity)));
        }
        else if (!string.IsNullOrEmpty(configuration[CollectorSetting]))
        {
            telemetry.UseOtlpExporter();
        }

        return telemetry;
    }
}
