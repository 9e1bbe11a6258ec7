using IpuNet.Service.Galleries;
using IpuNet.Service.Reports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IpuNet.Service.Recognition;

/// <summary>Registers the recognition.</summary>
public static class RecognitionServices
{
    /// <summary>
    /// Adds <see cref="RecognitionConsumer"/> as <see cref="RecognitionOptions.Section"/> of the configuration says. It needs storage, queues
    /// and models.
    /// </summary>
    public static IServiceCollection AddRecognition(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<RecognitionOptions>().Bind(configuration.GetSection(RecognitionOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddGalleries();
        services.TryAddSingleton<BatchReporter>();
        services.AddHostedService<RecognitionConsumer>();
        return services;
    }
}
