using IpuNet.Service.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace IpuNet.Worker.Health;

/// <summary>Whether the queue that the worker lives on can be reached.</summary>
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
