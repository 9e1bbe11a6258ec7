using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace IpuNet.Worker;

/// <summary>Options of the worker.</summary>
/// <remarks>Configuration section <see cref="Section"/>.</remarks>
public sealed class WorkerOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Worker";

    /// <summary>
    /// Time for the worker to finish its messages when it stops. Messages that are not finished go back to the queue.
    /// </summary>
    /// <value>Default 25 s, because containers are killed 30 s after the request to stop.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(25);
}

internal sealed class ConfigureShutdown(IOptions<WorkerOptions> worker) : IConfigureOptions<HostOptions>
{
    public void Configure(HostOptions options) => options.ShutdownTimeout = worker.Value.ShutdownTimeout;
}
