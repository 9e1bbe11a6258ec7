using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Galleries;

/// <summary>Registers the galleries in memory.</summary>
public static class GalleryServices
{
    /// <summary>Adds <see cref="GalleryCache"/> and <see cref="GalleryUpkeep"/>. They need a storage account.</summary>
    public static IServiceCollection AddGalleries(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<GalleryCache>();
        services.AddHostedService<GalleryUpkeep>();
        return services;
    }
}

/// <summary>
/// Brings the galleries in memory up to date every 10 s, even if nobody searches them. So deleted subjects soon leave the memory of all
/// workers.
/// </summary>
/// <param name="galleries">The galleries.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Gets a warning if storage cannot be reached.</param>
public sealed class GalleryUpkeep(GalleryCache galleries, TimeProvider time, ILogger<GalleryUpkeep> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await galleries.RenewAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                GalleryLog.NotRenewed(logger, error, Interval);
            }

            galleries.Memory.Tidy();
        }
    }
}
