using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Models;

/// <summary>Registers the models.</summary>
public static class ModelServices
{
    /// <summary>
    /// Adds <see cref="PipelineModels"/> with a recogniser as <see cref="ModelOptions.Section"/> of the configuration says. They are loaded when the
    /// host starts: one that cannot be used stops it.
    /// </summary>
    public static IServiceCollection AddIpuNetModels(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<ModelOptions>().Bind(configuration.GetSection(ModelOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(provider => Open(provider.GetRequiredService<IOptions<ModelOptions>>().Value));
        services.AddHostedService<Loading>();
        return services;
    }

    private static PipelineModels Open(ModelOptions options) =>
        PipelineModels.Open(options.Folder is { } folder ? new ModelStore(folder) : ModelStore.Locate(), options.ToSettings(), recognise: true);

    // Asking for the models loads them, here before any job does.
    private sealed class Loading(PipelineModels models) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            _ = models.RequirePolicy();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
