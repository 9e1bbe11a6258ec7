using IpuNet.Faces.Pipeline;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace IpuNet.Worker.Health;

/// <summary>Whether the models are loaded.</summary>
internal sealed class ModelHealthCheck(PipelineModels models) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(HealthCheckResult.Healthy(models.Source.ToString()));
}
