using IpuNet.Service.Galleries;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

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
        services.AddGalleries();
        services.AddHostedService<EnrolmentConsumer>();
        return services;
    }
}
