using IpuNet.Service.Enrolment;
using IpuNet.Service.Intake;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;
using IpuNet.Service.Upkeep;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IpuNet.Service.Hosting;

/// <summary>Registers what goes on beside the workers.</summary>
public static class UpkeepServices
{
    /// <summary>
    /// Adds storage, the intakes (<see cref="UploadIntake"/>, <see cref="EnrolmentIntake"/>), and what is called at times: <see cref="RetrainingSchedule"/>,
    /// <see cref="BatchRetention"/>, <see cref="QueueWatch"/>, <see cref="UploadSweep"/>; each as its section of the configuration says. No models are needed.
    /// </summary>
    public static IServiceCollection AddIpuNetUpkeep(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddIpuNetStorage(configuration).AddIntake(configuration);
        services.AddOptions<RetentionOptions>().Bind(configuration.GetSection(RetentionOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<RetrainingScheduleOptions>().Bind(configuration.GetSection(RetrainingScheduleOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<FailedUploads>();
        services.TryAddSingleton<EnrolmentIntake>();
        services.TryAddSingleton<RetrainingSchedule>();
        services.TryAddSingleton<BatchRetention>();
        services.TryAddSingleton<QueueWatch>();
        services.TryAddSingleton<UploadSweep>();
        return services;
    }
}
