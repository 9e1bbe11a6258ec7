using System.ComponentModel.DataAnnotations;
using IpuNet.Faces.Models;

namespace IpuNet.Service.Models;

/// <summary>Where the models are and what runs them.</summary>
/// <remarks>Configuration section <see cref="Section"/>.</remarks>
public sealed class ModelOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Models";

    /// <summary>The folder of the models.</summary>
    /// <value>Null by default: where <see cref="ModelStore.Locate"/> finds it.</value>
    public string? Folder { get; set; }

    /// <summary>The recogniser, "name@version", or "name" for its highest version.</summary>
    /// <value>Null by default: the one that current.json in the folder says.</value>
    /// <remarks>Galleries of another recogniser are refused; the thresholds must have been calibrated with it, or the host does not start.</remarks>
    public string? Recogniser { get; set; }

    /// <summary>What runs the models. A device that is not there is an error, never another device.</summary>
    /// <value>"cpu" by default, or "cuda".</value>
    [AllowedValues(InferenceSettings.Cpu, InferenceSettings.Cuda, ErrorMessage = $"{Section}:{nameof(Device)} is '{InferenceSettings.Cpu}' or '{InferenceSettings.Cuda}'.")]
    public string Device { get; set; } = InferenceSettings.Cpu;

    /// <summary>Threads of one session on the processor.</summary>
    /// <value>0 by default: one for each processor that the program may use.</value>
    [Range(0, 1024)]
    public int Threads { get; set; }

    /// <summary>How many pictures are run at once.</summary>
    /// <value>16 by default; 1 to 1024.</value>
    [Range(1, 1024)]
    public int BatchSize { get; set; } = 16;

    /// <summary>How often it is looked whether storage has other models in use.</summary>
    /// <value>10 s by default; 1 s to 30 s: a switch and a rollback are to be seen within 30 s.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:30")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Which GPU, where there are several; ignored on the processor.</summary>
    /// <value>0 by default; 0 to 63.</value>
    [Range(0, 63)]
    public int GpuDevice { get; set; }

    /// <summary>Most memory of the GPU that each model takes for its own, bytes; ignored on the processor.</summary>
    /// <value>0 by default: as much as there is.</value>
    [Range(0, long.MaxValue)]
    public long GpuMemoryLimit { get; set; }

    /// <summary>What the models run on, for people.</summary>
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
