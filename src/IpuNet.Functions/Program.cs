using IpuNet.Faces.Privacy;
using IpuNet.Functions;
using IpuNet.Service.Hosting;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

ProcessPrivacy.KeepFilesPrivate();
var builder = FunctionsApplication.CreateBuilder(args);
builder.Services.AddIpuNetUpkeep(builder.Configuration);
builder.Services.AddFunctionsTelemetry(builder.Configuration);
await builder.Build().RunAsync();
