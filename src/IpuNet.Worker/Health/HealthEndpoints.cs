using IpuNet.Contract;
using IpuNet.Faces.Reports;
using IpuNet.Service.Galleries;
using IpuNet.Service.Models;
using IpuNet.Service.Storage;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace IpuNet.Worker.Health;

/// <summary>The health endpoints: <c>/health/live</c> says that the process answers, <c>/health/ready</c> that it can work.</summary>
internal static class HealthEndpoints
{
    public const string ReadyTag = "ready";

    public static void MapHealthEndpoints(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks(
            "/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(ReadyTag), ResponseWriter = WriteAsync });
    }

    // Writes the status as ASP.NET Core does, and a line for each check.
    private static Task WriteAsync(HttpContext context, HealthReport report) => context.Response.WriteAsync(
        string.Join('\n', report.Entries.Select(LineOf).Prepend(report.Status.ToString())), context.RequestAborted);

    private static string LineOf(KeyValuePair<string, HealthReportEntry> check) =>
        $"{check.Key}: {check.Value.Status}. {check.Value.Description}".TrimEnd();
}

/// <summary>Checks that the worker can reach its queue.</summary>
internal sealed class StorageHealthCheck(StorageAccount account) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await account.Queue(StorageNames.FaceBatches).GetPropertiesAsync(patience.Token).ConfigureAwait(false);
            return HealthCheckResult.Healthy();
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy(StorageCheck.Describe(error, account) ?? error.Message);
        }
    }
}

/// <summary>
/// Reports the running models, and why they are not those in use in storage if they differ. A worker with other models still works.
/// </summary>
internal sealed class ModelHealthCheck(ServingModels serving, ModelSwitch models, GalleryCache galleries) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using ModelLease lease = serving.Borrow();
        string running = $"In use: {lease.Models.Description}.";
        string[] problems =
        [
            .. models.Problem is { } problem ? [problem] : Array.Empty<string>(),
            .. galleries.Unsearchable(lease.Models.Source).Select(
                gallery => $"Not embedded by this recogniser: {Counted.Of(gallery.Value, "subject")} of gallery '{gallery.Key}'. "
                    + "Run `ipunet gallery reembed`."),
            .. galleries.Damaged(lease.Models.Source).Select(
                gallery => $"Damaged, and so not found: {Counted.Of(gallery.Value, "subject")} of gallery '{gallery.Key}'. "
                    + $"`ipunet gallery list --stored {gallery.Key}` says which."),
        ];
        return Task.FromResult(
            problems is [] ? HealthCheckResult.Healthy(running) : HealthCheckResult.Degraded($"{running} {string.Join(' ', problems)}"));
    }
}
