using System.ComponentModel.DataAnnotations;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Pipeline;

/// <summary>How images are worked through.</summary>
public sealed record ImagePipelineOptions
{
    /// <summary>Where the faces of an image are.</summary>
    /// <value><see cref="FaceFinding.Auto"/> by default.</value>
    public FaceFinding Faces { get; init; } = FaceFinding.Auto;

    /// <summary>Which faces are super-resolved.</summary>
    /// <value><see cref="EnhanceChoice.Auto"/> by default.</value>
    public EnhanceChoice Enhance { get; init; } = EnhanceChoice.Auto;

    /// <summary>What an image may cost.</summary>
    public ImageLimits Limits { get; init; } = ImageLimits.Default;

    /// <summary>How many images are read and decoded at the same time, and how many wait decoded for the models.</summary>
    /// <value>The number of processors by default; 1 to 256.</value>
    [Range(1, 256)]
    public int Decoders { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 256);

    /// <summary>How many images share the models' batches at most. Fewer do where they are large.</summary>
    /// <value>16 by default; 1 to 1024.</value>
    [Range(1, 1024)]
    public int BatchSize { get; init; } = 16;

    /// <summary>The memory that decoded images take, until their faces are cut out; pipelines may share it.</summary>
    /// <value><see cref="DecodedMemory.OfProcess"/> by default.</value>
    public ByteBudget Memory { get; init; } = DecodedMemory.OfProcess;
}
