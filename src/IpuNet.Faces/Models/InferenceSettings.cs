using System.ComponentModel.DataAnnotations;

namespace IpuNet.Faces.Models;

/// <summary>The device, threads, batch size and memory that models run with.</summary>
public sealed record InferenceSettings
{
    /// <summary>The device name of the CPU.</summary>
    public const string Cpu = "cpu";

    /// <summary>The device name of an NVIDIA GPU.</summary>
    public const string Cuda = "cuda";

    // Each part needs its own memory for intermediate results.
    private const int MostPartsAtOnce = 4;

    /// <summary>The default settings.</summary>
    public static InferenceSettings Default { get; } = new();

    /// <summary>The device that runs the models. A missing device is an error: no other device replaces it.</summary>
    /// <value>"cpu" or "cuda". The default is "cpu".</value>
    public string Device { get; init; } = Cpu;

    /// <summary>Threads of one session on the CPU.</summary>
    /// <value>0 to 1024. The default is 0: one thread for each CPU that the program may use.</value>
    [Range(0, 1024)]
    public int Threads { get; init; }

    /// <summary>The number of parts of a run that are processed at the same time, each on its own <see cref="Threads"/> threads.</summary>
    /// <value>1 to 1024. The default is 1.</value>
    [Range(1, 1024)]
    public int PartsAtOnce { get; init; } = 1;

    /// <summary>The maximum number of images per batch. A larger value needs more memory, and gains little on a CPU.</summary>
    /// <value>1 to 1024. The default is 16.</value>
    [Range(1, 1024)]
    public int BatchSize { get; init; } = 16;

    /// <summary>The index of the GPU. Ignored on the CPU.</summary>
    /// <value>0 to 63. The default is 0.</value>
    [Range(0, 63)]
    public int GpuDevice { get; init; }

    /// <summary>
    /// The maximum GPU memory of each model, in bytes. The memory of CUDA and cuDNN themselves comes on top. Ignored on the CPU.
    /// </summary>
    /// <value>At least 0. The default is 0: no limit.</value>
    [Range(0, long.MaxValue)]
    public long GpuMemoryLimit { get; init; }

    /// <summary>
    /// Whether an incomplete batch is run at the next power of two of images. The extra results are dropped. A GPU then sees only a few
    /// batch sizes, and each new size would cost it time and memory.
    /// </summary>
    /// <value>The default is null: true on a GPU, false on the CPU.</value>
    public bool? RoundBatches { get; init; }

    /// <summary>
    /// The settings for models that run over many images of one size: the threads are divided among parts. Threads with their own images
    /// rarely wait for each other, and so do more work than threads that share each layer of a network. On a GPU nothing changes.
    /// </summary>
    internal InferenceSettings Divided()
    {
        if (Device == Cuda)
            return this;
        int threads = Threads == 0 ? Environment.ProcessorCount : Threads, parts = Math.Min(threads, MostPartsAtOnce);
        return this with { PartsAtOnce = parts, Threads = threads / parts };
    }
}
