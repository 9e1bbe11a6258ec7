using IpuNet.Service.Galleries;
using IpuNet.Service.Models;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace IpuNet.Worker.Health;

/// <summary>Which models run, and why they are not those that storage has in use, where they are not. A worker that runs others still works.</summary>
internal sealed class ModelHealthCheck(ServingModels serving, ModelSwitch models, GalleryCache galleries) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using ModelLease lease = serving.Borrow();
        string running = $"In use: {lease.Models.Description}.";
        string[] problems =
        [
            .. models.Problem is { } problem ? [problem] : Array.Empty<string>(),
            .. galleries.Unsearchable(lease.Models.Source).Select(gallery => $"{gallery.Value} subjects of gallery '{gallery.Key}' are not embedded by these: run `ipunet gallery reembed`."),
            .. galleries.Damaged(lease.Models.Source).Select(gallery => $"{gallery.Value} subjects of gallery '{gallery.Key}' are damaged and not found: `ipunet gallery list --stored {gallery.Key}` names them."),
        ];
        return Task.FromResult(problems is [] ? HealthCheckResult.Healthy(running) : HealthCheckResult.Degraded($"{running} {string.Join(' ', problems)}"));
    }
}
