using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Storage;

/// <summary>Registers the storage account.</summary>
public static class StorageServices
{
    /// <summary>Adds <see cref="StorageAccount"/> as <see cref="StorageOptions.Section"/> of the configuration names it; a wrong section stops the host at its start.</summary>
    public static IServiceCollection AddIpuNetStorage(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<StorageOptions>().Bind(configuration.GetSection(StorageOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new StorageAccount(
            provider.GetRequiredService<IOptions<StorageOptions>>().Value, provider.GetService<ILogger<StorageAccount>>()));
        return services;
    }
}
