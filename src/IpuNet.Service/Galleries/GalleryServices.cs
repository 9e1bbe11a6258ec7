using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

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
