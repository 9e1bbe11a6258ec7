using IpuNet.Faces;
using IpuNet.Faces.Models;
using IpuNet.Faces.Privacy;
using IpuNet.Service.Hosting;
using IpuNet.Service.Models;
using IpuNet.Service.Telemetry;
using IpuNet.Worker;
using IpuNet.Worker.Health;
using Microsoft.Extensions.Options;

ProcessPrivacy.KeepFilesPrivate();
try
{
    var builder = WebApplication.CreateSlimBuilder(args);
    builder.Services.AddOptions<WorkerOptions>().Bind(builder.Configuration.GetSection(WorkerOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
    // Health is asked after all the time.
    builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
    builder.Services.AddSingleton<IConfigureOptions<HostOptions>, ConfigureShutdown>();
    builder.Services.AddIpuNetWorker(builder.Configuration);
    builder.Services.AddIpuNetTelemetry(builder.Configuration, "ipunet-worker");
    builder.Services.AddHealthChecks()
        .AddCheck<ModelHealthCheck>("models", tags: [HealthEndpoints.ReadyTag])
        .AddCheck<StorageHealthCheck>("storage", tags: [HealthEndpoints.ReadyTag]);

    var app = builder.Build();
    app.MapHealthEndpoints();
    await app.RequireReadyAsync();
    app.Logger.Ready(app.Services.GetRequiredService<IOptions<ModelOptions>>().Value.Describe());
    await app.RunAsync();
    return 0;
}
catch (OptionsValidationException error)
{
    foreach (string failure in error.Failures)
        await Console.Error.WriteLineAsync($"error: {failure}");
    return 1;
}
catch (FaceDataException error)
{
    await Console.Error.WriteLineAsync($"error: {error.Message}");
    return 1;
}
finally
{
    OnnxSession.EndAll();
}
