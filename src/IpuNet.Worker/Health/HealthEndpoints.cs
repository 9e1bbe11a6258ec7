using Microsoft.AspNetCore.Diagnostics.HealthChecks;

namespace IpuNet.Worker.Health;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can work.</summary>
internal static class HealthEndpoints
{
    public const string ReadyTag = "ready";

    public static void MapHealthEndpoints(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(ReadyTag) });
    }
}
