using IpuNet.Service.Enrolment;
using IpuNet.Service.Models;
using IpuNet.Service.Queues;
using IpuNet.Service.Recognition;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace IpuNet.Service.Hosting;

/// <summary>Registers what a worker is made of.</summary>
public static class WorkerServices
{
    /// <summary>Adds storage, models, queues, and what reads the queues, each as its section of the configuration says.</summary>
    public static IServiceCollection AddIpuNetWorker(this IServiceCollection services, IConfiguration configuration) => services
        .AddIpuNetStorage(configuration)
        .AddIpuNetModels(configuration)
        .AddIpuNetQueues(configuration)
        .AddRecognition(configuration)
        .AddEnrolment(configuration);
}
