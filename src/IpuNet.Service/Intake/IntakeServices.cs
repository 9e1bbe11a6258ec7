using IpuNet.Service.Queues;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IpuNet.Service.Intake;

/// <summary>Registers the intake.</summary>
public static class IntakeServices
{
    /// <summary>Adds <see cref="UploadIntake"/> and the queues that it needs; <see cref="Storage.StorageServices.AddIpuNetStorage"/> is to be called too.</summary>
    public static IServiceCollection AddIntake(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddIpuNetQueues(configuration);
        services.TryAddSingleton(UploadLimits.Default);
        services.TryAddSingleton<UploadIntake>();
        return services;
    }

    /// <summary>Adds <see cref="UploadPoller"/>, and the intake, for an account whose uploads nobody else notices.</summary>
    public static IServiceCollection AddUploadPoller(this IServiceCollection services, IConfiguration configuration) =>
        services.AddIntake(configuration).AddHostedService<UploadPoller>();
}
