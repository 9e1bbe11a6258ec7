using System.ComponentModel.DataAnnotations;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Service.Galleries;

/// <summary>Options of enrolments.</summary>
/// <remarks>Configuration section <see cref="Section"/>.</remarks>
public sealed class EnrolmentOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Enrolment";

    /// <summary>Greatest number of jobs at a time, from both queues together.</summary>
    /// <value>2 by default; 1 to 64. Each job holds some decoded photos in memory.</value>
    [Range(1, 64)]
    public int MaxJobs { get; set; } = 2;

    /// <summary>Greatest length of an image file, bytes.</summary>
    /// <value>32 MiB by default.</value>
    [Range(1, 1L << 30)]
    public long MaxImageBytes { get; set; } = ImageLimits.Default.MaxBytes;

    /// <summary>Greatest number of pixels of an image.</summary>
    /// <value>40,000,000 by default.</value>
    [Range(1, 500_000_000)]
    public long MaxImagePixels { get; set; } = ImageLimits.Default.MaxPixels;

    /// <summary>Least height of a face in its image, pixels.</summary>
    /// <value>The default of <see cref="EnrolmentGate.MinFaceHeight"/>.</value>
    [Range(1, 10_000)]
    public float MinFaceHeight { get; set; } = new EnrolmentGate().MinFaceHeight;

    /// <summary>Least sharpness of a face. At 0, blurred faces are enrolled too.</summary>
    /// <value>The default of <see cref="EnrolmentGate.MinSharpness"/>.</value>
    [Range(0, 10_000)]
    public float MinSharpness { get; set; } = new EnrolmentGate().MinSharpness;

    /// <summary>The images that are kept of enrolled faces, besides the embeddings.</summary>
    /// <value><see cref="FaceRetention.Crops"/> by default.</value>
    [EnumDataType(typeof(FaceRetention))]
    public FaceRetention Retain { get; set; } = FaceRetention.Crops;

    internal EnrolmentGate Gate => new() { MinFaceHeight = MinFaceHeight, MinSharpness = MinSharpness };

    internal ImagePipelineOptions Pipeline =>
        EnrolmentJudge.PipelineOptions(new() { Limits = new ImageLimits { MaxBytes = MaxImageBytes, MaxPixels = MaxImagePixels } });
}
