using IpuNet.Contract;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Enrolment;
using IpuNet.Service.Intake;
using IpuNet.Service.Models;
using IpuNet.Service.Queues;
using IpuNet.Service.Recognition;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;
using IpuNet.Service.Upkeep;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Hosting;

/// <summary>Registers the parts of a worker.</summary>
public static class WorkerServices
{
    /// <summary>Adds storage, models, queues and queue consumers, each configured by its own section.</summary>
    /// <exception cref="FaceDataException"><see cref="DecodedMemory.Variable"/> has an invalid value.</exception>
    public static IServiceCollection AddIpuNetWorker(this IServiceCollection services, IConfiguration configuration)
    {
        // Fails now, not at the first image.
        _ = DecodedMemory.OfProcess;
        return services
            .AddIpuNetStorage(configuration)
            .AddIpuNetModels(configuration)
            .AddIpuNetQueues(configuration)
            .AddRecognition(configuration)
            .AddEnrolment(configuration);
    }
}

/// <summary>Registers the parts that run beside the workers.</summary>
public static class UpkeepServices
{
    /// <summary>
    /// Adds storage, the intakes (<see cref="UploadIntake"/>, <see cref="EnrolmentIntake"/>), and the scheduled parts:
    /// <see cref="RetrainingSchedule"/>, <see cref="BatchRetention"/>, <see cref="QueueWatch"/>, <see cref="UploadSweep"/>. Each is
    /// configured by its own section. No models are needed.
    /// </summary>
    public static IServiceCollection AddIpuNetUpkeep(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddIpuNetStorage(configuration).AddIntake(configuration);
        services.AddOptions<RetentionOptions>().Bind(configuration.GetSection(RetentionOptions.Section))
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<RetrainingScheduleOptions>().Bind(configuration.GetSection(RetrainingScheduleOptions.Section))
            .ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<FailedUploads>();
        services.TryAddSingleton<EnrolmentIntake>();
        services.TryAddSingleton<RetrainingSchedule>();
        services.TryAddSingleton<BatchRetention>();
        services.TryAddSingleton<QueueWatch>();
        services.TryAddSingleton<UploadSweep>();
        return services;
    }
}

/// <summary>Checks, before a host starts, everything that would otherwise make every job fail.</summary>
public static class HostReadiness
{
    /// <summary>Checks the options, connects to storage and loads the models.</summary>
    /// <exception cref="OptionsValidationException">An option has an invalid value.</exception>
    /// <exception cref="FaceDataException">Storage or a model cannot be used; the message says what to do.</exception>
    public static async Task RequireReadyAsync(this IHost host, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(host);
        host.Services.GetRequiredService<IStartupValidator>().Validate();
        await StorageCheck.RequireAsync(host.Services.GetRequiredService<StorageAccount>(), cancellation).ConfigureAwait(false);
        await host.Services.GetRequiredService<ModelSwitch>().BeginAsync(cancellation).ConfigureAwait(false);
        using ModelLease models = host.Services.GetRequiredService<ServingModels>().Borrow();
        _ = models.Models.RequirePolicy();
    }
}
