using IpuNet.Service.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IpuNet.Service.Queues;

/// <summary>Registers queues.</summary>
public static class QueueServices
{
    /// <summary>
    /// Adds the queues of <see cref="StorageNames.Queues"/>, each a <see cref="JobQueue"/> with its name as the key, and <see cref="PoisonLog"/>.
    /// They need <see cref="StorageServices.AddIpuNetStorage"/>. Adding them twice is adding them once.
    /// </summary>
    public static IServiceCollection AddIpuNetQueues(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<QueueOptions>().Bind(configuration.GetSection(QueueOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<PoisonLog>();
        foreach (string queue in StorageNames.Queues)
            services.TryAddKeyedSingleton(queue, (provider, _) => ActivatorUtilities.CreateInstance<JobQueue>(provider, queue));
        return services;
    }
}
