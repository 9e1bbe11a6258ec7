using System.Diagnostics.Metrics;
using IpuNet.Service.Telemetry;
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

/// <summary>Logs and metrics of galleries. They never hold the id of a subject.</summary>
internal static partial class GalleryLog
{
    private static readonly Gauge<int> Unsearchable = ServiceMeter.Meter.CreateGauge<int>(
        "ipunet.gallery.unsearchable", "{subject}",
        "Subjects of a gallery without embeddings of the models in use. They are not found: re-embed the gallery.");

    private static readonly Gauge<int> DamagedSubjects = ServiceMeter.Meter.CreateGauge<int>(
        "ipunet.gallery.damaged", "{subject}",
        "Damaged subjects of a gallery. They are not found: `ipunet gallery list --stored NAME` names them.");

    public static void Count(string gallery, int unsearchable, int damaged)
    {
        var tag = new KeyValuePair<string, object?>("gallery", gallery);
        Unsearchable.Record(unsearchable, tag);
        DamagedSubjects.Record(damaged, tag);
    }

    [LoggerMessage(2, LogLevel.Warning, "The galleries in memory could not be brought up to date. The next attempt is in {Pause}.")]
    public static partial void NotRenewed(ILogger logger, Exception error, TimeSpan pause);

    [LoggerMessage(
        1, LogLevel.Warning,
        "A subject of gallery {Gallery} is damaged, so it is not found. The SHA-256 of its id is {IdSha256}. `ipunet gallery list --stored "
        + "{Gallery}` names it.")]
    public static partial void Damaged(ILogger logger, string gallery, string idSha256);
}
