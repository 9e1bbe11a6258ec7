using System.ComponentModel.DataAnnotations;

namespace IpuNet.Faces.Models;

/// <summary>How models are run.</summary>
public sealed record InferenceSettings
{
    /// <summary>The processor.</summary>
    public const string Cpu = "cpu";

    /// <summary>An NVIDIA GPU.</summary>
    public const string Cuda = "cuda";

    // Each part has memory of its own for what is between the layers.
    private const int MostPartsAtOnce = 4;

    /// <summary>The settings that hold where nothing is said.</summary>
    public static InferenceSettings Default { get; } = new();

    /// <summary>What runs the models. A device that is not there is an error, never another device.</summary>
    /// <value>"cpu" by default, or "cuda".</value>
    public string Device { get; init; } = Cpu;

    /// <summary>Threads of one session on the processor.</summary>
    /// <value>0 by default: one for each processor that the program may use.</value>
    [Range(0, 1024)]
    public int Threads { get; init; }

    /// <summary>How many parts of a run go on at the same time, each on <see cref="Threads"/> threads of its own.</summary>
    /// <value>1 by default; <see cref="Divided"/> gives more.</value>
    [Range(1, 1024)]
    public int PartsAtOnce { get; init; } = 1;

    /// <summary>How many pictures are run at once. More need more memory, and gain little on a processor.</summary>
    /// <value>16 by default; 1 to 1024.</value>
    [Range(1, 1024)]
    public int BatchSize { get; init; } = 16;

    /// <summary>Which GPU, where there are several; ignored on the processor.</summary>
    /// <value>0 by default; 0 to 63.</value>
    [Range(0, 63)]
    public int GpuDevice { get; init; }

    /// <summary>Most memory of the GPU that each model takes for its own, bytes; ignored on the processor. What CUDA and cuDNN take comes on top.</summary>
    /// <value>0 by default: as much as there is.</value>
    [Range(0, long.MaxValue)]
    public long GpuMemoryLimit { get; init; }

    /// <summary>
    /// Whether a batch that is not full is run with as many pictures as the next power of two, whose results are not looked at: few
    /// sizes are then ever seen, and each new one costs a GPU time and memory.
    /// </summary>
    /// <value>Null by default: on a GPU, and not on the processor.</value>
    public bool? RoundBatches { get; init; }

    /// <summary>
    /// The settings for models that run over many pictures of one size: threads that each have pictures of their own seldom wait for each other, and
    /// get more done than threads that share every layer of a network. On a GPU nothing is divided.
    /// </summary>
    internal InferenceSettings Divided()
    {
        if (Device == Cuda)
            return this;
        int threads = Threads == 0 ? Environment.ProcessorCount : Threads, parts = Math.Min(threads, MostPartsAtOnce);
        return this with { PartsAtOnce = parts, Threads = threads / parts };
    }
}
