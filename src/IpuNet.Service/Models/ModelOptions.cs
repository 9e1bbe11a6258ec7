using System.ComponentModel.DataAnnotations;
using IpuNet.Faces.Models;

namespace IpuNet.Service.Models;

/// <summary>The folder of the models and the device that runs them.</summary>
/// <remarks>Configuration section <see cref="Section"/>.</remarks>
public sealed class ModelOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Models";

    /// <summary>The folder of this machine's models.</summary>
    /// <value>Null by default: the folder that <see cref="ModelStore.Locate"/> finds.</value>
    public string? Folder { get; set; }

    /// <summary>The recogniser, "name@version", or "name" for its highest version.</summary>
    /// <value>Null by default: the recogniser that the folder's current.json names.</value>
    /// <remarks>
    /// Galleries of another recogniser are refused. The thresholds must be calibrated with this recogniser, or the host does not start.
    /// </remarks>
    public string? Recogniser { get; set; }

    /// <summary>The device that runs the models. A missing device is an error; no other device is used instead.</summary>
    /// <value>"cpu" by default, or "cuda".</value>
    [AllowedValues(InferenceSettings.Cpu, InferenceSettings.Cuda,
        ErrorMessage = $"{Section}:{nameof(Device)} is '{InferenceSettings.Cpu}' or '{InferenceSettings.Cuda}'.")]
    public string Device { get; set; } = InferenceSettings.Cpu;

    /// <summary>The number of threads of a session on the processor.</summary>
    /// <value>0 by default: one per processor that the program may use.</value>
    [Range(0, 1024)]
    public int Threads { get; set; }

    /// <summary>The number of pictures that the models process at once.</summary>
    /// <value>16 by default; 1 to 1024.</value>
    [Range(1, 1024)]
    public int BatchSize { get; set; } = 16;

    /// <summary>The interval between checks whether storage names other models as in use.</summary>
    /// <value>10 s by default; 1 s to 30 s, so that workers see a switch or a rollback within 30 s.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:30")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The index of the GPU; ignored on the processor.</summary>
    /// <value>0 by default; 0 to 63.</value>
    [Range(0, 63)]
    public int GpuDevice { get; set; }

    /// <summary>The maximum GPU memory of each model, in bytes; ignored on the processor.</summary>
    /// <value>0 by default: no limit.</value>
    [Range(0, long.MaxValue)]
    public long GpuMemoryLimit { get; set; }

    /// <summary>Describes the device for people.</summary>
    public string Describe() => ModelDevice.Describe(ToSettings());

    internal InferenceSettings ToSettings() => new()
    {
        Device = Device,
        Threads = Threads,
        BatchSize = BatchSize,
        GpuDevice = GpuDevice,
        GpuMemoryLimit = GpuMemoryLimit,
    };
}
