using IpuNet.Service.Telemetry;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace IpuNet.Functions;

/// <summary>Metrics and traces by OpenTelemetry, joined with those of the Functions host.</summary>
internal static class FunctionsTelemetry
{
    public static void AddFunctionsTelemetry(this IServiceCollection services, IConfiguration configuration) =>
        services.AddIpuNetTelemetry(configuration, "ipunet-functions").UseFunctionsWorkerDefaults();
}
