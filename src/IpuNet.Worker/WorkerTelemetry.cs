using IpuNet.Faces.Pipeline;
using IpuNet.Service.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace IpuNet.Worker;

/// <summary>Metrics and traces by OpenTelemetry.</summary>
internal static class WorkerTelemetry
{
    // The variable by which OpenTelemetry programs are told where to send.
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    // Polly's, which measures how requests to storage are repeated.
    private const string StorageMeter = "Polly";

    public static void AddWorkerTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        OpenTelemetryBuilder telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("ipunet-worker", serviceVersion: typeof(WorkerTelemetry).Assembly.GetName().Version?.ToString()))
            .WithMetrics(metrics => metrics.AddMeter(ServiceMeter.Name, PipelineStage.SourceName, StorageMeter).AddRuntimeInstrumentation())
            .WithTracing(traces => traces.AddSource(ServiceMeter.Name, PipelineStage.SourceName));
        if (!string.IsNullOrEmpty(configuration[Endpoint]))
            telemetry.UseOtlpExporter();
    }
}
