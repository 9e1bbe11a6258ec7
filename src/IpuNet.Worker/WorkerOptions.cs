using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace IpuNet.Worker;

/// <summary>How the worker runs.</summary>
/// <remarks>Configuration section <see cref="Section"/>.</remarks>
public sealed class WorkerOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Worker";

    /// <summary>How long the worker may take to finish what it holds when it is told to stop; what is left then goes back to the queue.</summary>
    /// <value>25 s by default: containers are killed 30 s after they are told to stop.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(25);
}

internal sealed class ConfigureShutdown(IOptions<WorkerOptions> worker) : IConfigureOptions<HostOptions>
{
    public void Configure(HostOptions options) => options.ShutdownTimeout = worker.Value.ShutdownTimeout;
}
