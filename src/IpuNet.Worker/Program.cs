using IpuNet.Faces.Models;
using IpuNet.Faces.Privacy;
using IpuNet.Service.Hosting;
using IpuNet.Service.Models;
using IpuNet.Service.Telemetry;
using IpuNet.Worker;
using IpuNet.Worker.Health;
using Microsoft.Extensions.Options;

ProcessPrivacy.KeepFilesPrivate();
const int Failed = 1;
bool isStarted = false;
Failure.EndProcessQuietly(Report, Failed);
try
{
    var builder = WebApplication.CreateSlimBuilder(args);
    builder.Services.AddOptions<WorkerOptions>()
        .Bind(builder.Configuration.GetSection(WorkerOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
    // Health probes would fill the log.
    builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
    // An error that prevents the start is reported once, below.
    builder.Logging.AddFilter("Microsoft.Extensions.Hosting", level => IsLogged(level, LogLevel.Information));
    builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", level => IsLogged(level, LogLevel.Warning));
    builder.Services.AddSingleton<IConfigureOptions<HostOptions>, ConfigureShutdown>();
    builder.Services.AddIpuNetWorker(builder.Configuration);
    if (TelemetryServices.IsSent(builder.Configuration))
        builder.Services.AddIpuNetTelemetry(builder.Configuration, "ipunet-worker");
    builder.Services.AddHealthChecks()
        .AddCheck<ModelHealthCheck>("models", tags: [HealthEndpoints.ReadyTag])
        .AddCheck<StorageHealthCheck>("storage", tags: [HealthEndpoints.ReadyTag]);

    var app = builder.Build();
    app.MapHealthEndpoints();
    await app.RequireReadyAsync();
    app.Logger.Ready(app.Services.GetRequiredService<IOptions<ModelOptions>>().Value.Describe());
    app.Lifetime.ApplicationStarted.Register(() => Volatile.Write(ref isStarted, true));
    await app.RunAsync();
    return 0;
}
catch (Exception error)
{
    Report(error);
    return Failure.Of(error).IsInternal ? Failure.InternalExitCode : Failed;
}
finally
{
    OnnxSession.EndAll();
}

bool IsLogged(LogLevel level, LogLevel least) => level >= least && (level < LogLevel.Error || Volatile.Read(ref isStarted));

void Report(Exception error)
{
    Console.Error.WriteLine($"error: {Failure.Of(error).Text}");
    if (args.Contains("--verbose"))
        Console.Error.WriteLine(Failure.Trace(error));
}

internal static partial class WorkerLog
{
    [LoggerMessage(1, LogLevel.Information, "The models are loaded and run on {Device}.")]
    public static partial void Ready(this ILogger logger, string device);
}
