using Azure.Monitor.OpenTelemetry.Exporter;
using IpuNet.Faces.Telemetry;
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
    /// <summary>The setting with the address of an OpenTelemetry collector.</summary>
    public const string CollectorSetting = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>
    /// The setting with the connection string of Application Insights. The sender signs in with its identity, as with storage.
    /// </summary>
    public const string InsightsSetting = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    // Turns off the exporter's reports about itself to its maker. Only this environment variable can do so.
    private const string ExportersOwnReports = "APPLICATIONINSIGHTS_SDKSTATS_DISABLED_ALL";

    // Polly's meter of the retries of storage requests.
    private const string StorageMeter = "Polly";

    /// <summary>Whether telemetry is sent anywhere. If not, it need not be collected.</summary>
    public static bool IsSent(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return !string.IsNullOrEmpty(configuration[InsightsSetting]) || !string.IsNullOrEmpty(configuration[CollectorSetting]);
    }

    /// <summary>
    /// Adds metrics and traces by OpenTelemetry. They go to Application Insights, with logs, if <see cref="InsightsSetting"/> is set;
    /// otherwise to a collector, if <see cref="CollectorSetting"/> is set; otherwise nowhere.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">The configuration.</param>
    /// <param name="name">The name of the program.</param>
    public static OpenTelemetryBuilder AddIpuNetTelemetry(this IServiceCollection services, IConfiguration configuration, string name)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        OpenTelemetryBuilder telemetry = services.AddOpenTelemetry()
            .ConfigureResource(
                resource => resource.AddService(name, serviceVersion: typeof(TelemetryServices).Assembly.GetName().Version?.ToString()))
            .WithMetrics(metrics => metrics.AddMeter(ServiceMeter.Name, PipelineStage.SourceName, StorageMeter).AddRuntimeInstrumentation())
            .WithTracing(traces => traces.AddSource(ServiceMeter.Name, PipelineStage.SourceName));
        if (configuration[InsightsSetting] is { Length: > 0 } insights)
        {
            Environment.SetEnvironmentVariable(ExportersOwnReports, "true");
            string? identity = configuration[$"{StorageOptions.Section}:{nameof(StorageOptions.ManagedIdentityClientId)}"];
            telemetry.UseAzureMonitorExporter(
                options => (options.ConnectionString, options.Credential) = (insights, ServiceIdentity.Of(identity)));
        }
        else if (!string.IsNullOrEmpty(configuration[CollectorSetting]))
        {
            telemetry.UseOtlpExporter();
        }

        return telemetry;
    }
}
