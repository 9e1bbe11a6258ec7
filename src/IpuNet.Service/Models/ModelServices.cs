using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Models;

/// <summary>Registers the models.</summary>
public static class ModelServices
{
    /// <summary>
    /// Adds <see cref="PipelineModels"/> with a recogniser as <see cref="ModelOptions.Section"/> of the configuration says. They are loaded when they are
    /// first asked for; <see cref="Hosting.HostReadiness"/> does so before the host starts.
    /// </summary>
    public static IServiceCollection AddIpuNetModels(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<ModelOptions>().Bind(configuration.GetSection(ModelOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(provider => Open(provider.GetRequiredService<IOptions<ModelOptions>>().Value));
        return services;
    }

    private static PipelineModels Open(ModelOptions options)
    {
        ModelStore store = options.Folder is { } folder ? new ModelStore(folder) : ModelStore.Locate();
        return PipelineModels.Open(options.Recogniser is { } id ? store.WithRecogniser(id) : store, options.ToSettings(), recognise: true);
    }
}
