using System.ComponentModel.DataAnnotations;
using IpuNet.Contract;
using IpuNet.Faces.Detection;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Pipeline;

/// <summary>Options of <see cref="ImagePipeline"/>.</summary>
public sealed record ImagePipelineOptions
{
    /// <summary>How to find the faces of an image: by detection, as crops, or automatically.</summary>
    /// <value>The default is <see cref="FaceDetectionMode.Auto"/>.</value>
    public FaceDetectionMode Faces { get; init; } = FaceDetectionMode.Auto;

    /// <summary>
    /// Height in pixels of the smallest face to look for. Smaller ones may be found too. Half the value takes up to four times as long.
    /// </summary>
    /// <value>4 to 1000. The default is 10.</value>
    [Range(FaceDetectorSettings.LeastFace, 1000)]
    public int MinFace { get; init; } = FaceDetectorSettings.Default.SmallestFace;

    /// <summary>Which faces are super-resolved.</summary>
    /// <value>The default is <see cref="EnhanceChoice.Auto"/>.</value>
    public EnhanceChoice Enhance { get; init; } = EnhanceChoice.Auto;

    /// <summary>The limits of an image file.</summary>
    /// <value>The default is <see cref="ImageLimits.Default"/>.</value>
    public ImageLimits Limits { get; init; } = ImageLimits.Default;

    /// <summary>The number of images that are read and decoded at the same time, or wait decoded for the models.</summary>
    /// <value>1 to 256. The default is the number of CPUs.</value>
    [Range(1, 256)]
    public int Decoders { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 256);

    /// <summary>The maximum number of images that share the models' batches. Large images come in smaller groups.</summary>
    /// <value>1 to 1024. The default is 16.</value>
    [Range(1, 1024)]
    public int BatchSize { get; init; } = 16;

    /// <summary>
    /// The memory budget for decoded images. An image holds its share until its faces are cut out. Pipelines may share it.
    /// </summary>
    /// <value>The default is <see cref="DecodedMemory.OfProcess"/>.</value>
    public ByteBudget Memory { get; init; } = DecodedMemory.OfProcess;
}

/// <summary>Which faces are super-resolved. A face of 128 px or more in the image never is, because it would lose pixels.</summary>
public enum EnhanceChoice
{
    /// <summary>The faces of the bands that the policy names. Without a policy none.</summary>
    Auto,

    /// <summary>All faces.</summary>
    On,

    /// <summary>No faces.</summary>
    Off,
}
