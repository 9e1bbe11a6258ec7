using System.ComponentModel.DataAnnotations;

namespace IpuNet.Faces.Models;

/// <summary>How models are run.</summary>
public sealed record InferenceSettings
{
    /// <summary>The processor.</summary>
    public const string Cpu = "cpu";

    /// <summary>An NVIDIA GPU.</summary>
    public const string Cuda = "cuda";

    /// <summary>The settings that hold where nothing is said.</summary>
    public static InferenceSettings Default { get; } = new();

    /// <summary>What runs the models. A device that is not there is an error, never another device.</summary>
    /// <value>"cpu" by default, or "cuda".</value>
    public string Device { get; init; } = Cpu;

    /// <summary>Threads of one session on the processor.</summary>
    /// <value>0 by default: one for each processor that the program may use.</value>
    [Range(0, 1024)]
    public int Threads { get; init; }

    /// <summary>How many pictures are run at once. More need more memory, and gain little on a processor.</summary>
    /// <value>16 by default; 1 to 1024.</value>
    [Range(1, 1024)]
    public int BatchSize { get; init; } = 16;
}
