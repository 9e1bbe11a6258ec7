using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace IpuNet.Worker.Health;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can work.</summary>
internal static class HealthEndpoints
{
    public const string ReadyTag = "ready";

    public static void MapHealthEndpoints(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(ReadyTag), ResponseWriter = WriteAsync });
    }

    // The status as ASP.NET Core writes it, and a line for each check.
    private static Task WriteAsync(HttpContext context, HealthReport report) => context.Response.WriteAsync(
        string.Join('\n', report.Entries.Select(check => $"{check.Key}: {check.Value.Status}. {check.Value.Description}".TrimEnd()).Prepend(report.Status.ToString())),
        context.RequestAborted);
}
