using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Galleries;

/// <summary>Registers the galleries in memory.</summary>
public static class GalleryServices
{
    /// <summary>Adds <see cref="GalleryCache"/> and its upkeep. They need storage. Adding them twice is adding them once.</summary>
    public static IServiceCollection AddGalleries(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<GalleryCache>();
        services.AddHostedService<GalleryUpkeep>();
        return services;
    }
}

/// <summary>
/// Keeps the galleries in memory as they are in storage while nobody searches them, so that who was deleted is soon in no worker's memory.
/// </summary>
/// <param name="galleries">The galleries.</param>
/// <param name="time">The time.</param>
/// <param name="logger">Is told when storage is away.</param>
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
