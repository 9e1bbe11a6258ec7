using IpuNet.Service.Galleries;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IpuNet.Service.Enrolment;

/// <summary>Registers the enrolment.</summary>
public static class EnrolmentServices
{
    /// <summary>
    /// Adds <see cref="EnrolmentConsumer"/> as <see cref="EnrolmentOptions.Section"/> of the configuration says. It needs storage, queues
    /// and models.
    /// </summary>
    public static IServiceCollection AddEnrolment(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<EnrolmentOptions>().Bind(configuration.GetSection(EnrolmentOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<GalleryCache>();
        services.AddHostedService<EnrolmentConsumer>();
        return services;
    }
}
