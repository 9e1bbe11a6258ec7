using IpuNet.Service.Galleries;
using IpuNet.Service.Registry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Models;

/// <summary>Registers the models.</summary>
public static class ModelServices
{
    /// <summary>
    /// Adds <see cref="ServingModels"/> as <see cref="ModelOptions.Section"/> of the configuration and storage say, and what keeps them as storage
    /// says. <see cref="Hosting.HostReadiness"/> loads them before the host starts. They need storage.
    /// </summary>
    public static IServiceCollection AddIpuNetModels(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<ModelOptions>().Bind(configuration.GetSection(ModelOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddGalleries();
        services.TryAddSingleton<ServingModels>();
        services.TryAddSingleton<ModelRegistry>();
        services.TryAddSingleton(provider => new ModelLoader(provider.GetRequiredService<ModelRegistry>(), provider.GetRequiredService<IOptions<ModelOptions>>().Value));
        services.TryAddSingleton<ModelSwitch>();
        services.AddHostedService<ModelWatch>();
        return services;
    }
}
