using IpuNet.Faces.Privacy;
using IpuNet.Service.Hosting;
using IpuNet.Service.Telemetry;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Hosting;

ProcessPrivacy.KeepFilesPrivate();
var builder = FunctionsApplication.CreateBuilder(args);
builder.Services.AddIpuNetUpkeep(builder.Configuration);
// Joined with the telemetry of the Functions host.
builder.Services.AddIpuNetTelemetry(builder.Configuration, "ipunet-functions").UseFunctionsWorkerDefaults();
await builder.Build().RunAsync();
