using IpuNet.Faces;
using IpuNet.Faces.Pipeline;
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
    /// <exception cref="FaceDataException"><see cref="DecodedMemory.Variable"/> is wrong.</exception>
    public static IServiceCollection AddIpuNetWorker(this IServiceCollection services, IConfiguration configuration)
    {
        // Found out now, and not by the first image.
        _ = DecodedMemory.OfProcess;
        return services
            .AddIpuNetStorage(configuration)
            .AddIpuNetModels(configuration)
            .AddIpuNetQueues(configuration)
            .AddRecognition(configuration)
            .AddEnrolment(configuration);
    }
}
