using System.ComponentModel.DataAnnotations;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Service.Recognition;

/// <summary>The options of recognition.</summary>
/// <remarks>Configuration section <see cref="Section"/>.</remarks>
public sealed class RecognitionOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Recognition";

    /// <summary>
    /// The approximate number of images held at a time, over all messages. With enough of them, the models' batches are full and nothing
    /// waits for storage. Images that this worker cannot process soon are left for other workers.
    /// </summary>
    /// <value>96 by default, six times the default <see cref="BatchSize"/>; 1 to 4096.</value>
    [Range(1, 4096)]
    public int MaxImages { get; set; } = 96;

    /// <summary>The number of parallel downloads of images, and of parallel uploads of results.</summary>
    /// <value>8 by default; 1 to 64.</value>
    [Range(1, 64)]
    public int Transfers { get; set; } = 8;

    /// <summary>The maximum number of images in a models' batch. Batches are smaller if images are large or no more images wait.</summary>
    /// <value>16 by default; 1 to 1024.</value>
    [Range(1, 1024)]
    public int BatchSize { get; set; } = 16;

    /// <summary>Height of the smallest face to look for, in pixels. Half the value takes up to four times as long.</summary>
    /// <value>10 by default; 4 to 1000.</value>
    [Range(4, 1000)]
    public int MinFace { get; set; } = new ImagePipelineOptions().MinFace;

    /// <summary>The faces that are super-resolved.</summary>
    /// <value><see cref="EnhanceChoice.Auto"/> by default: the faces in bands where super-resolution helps.</value>
    public EnhanceChoice Enhance { get; set; } = EnhanceChoice.Auto;

    /// <summary>The maximum number of subjects that a result names for each face.</summary>
    /// <value>5 by default; 1 to 100.</value>
    [Range(1, 100)]
    public int Matches { get; set; } = 5;

    /// <summary>The maximum size of an image file, in bytes.</summary>
    /// <value>32 MiB by default; 1 byte to 1 GiB.</value>
    [Range(1, 1L << 30)]
    public long MaxImageBytes { get; set; } = ImageLimits.Default.MaxBytes;

    /// <summary>The maximum number of pixels of an image.</summary>
    /// <value>40,000,000 by default; 1 to 500,000,000.</value>
    [Range(1, 500_000_000)]
    public long MaxImagePixels { get; set; } = ImageLimits.Default.MaxPixels;

    /// <summary>
    /// The interval at which a running batch's summary and report are renewed. They are also renewed when the batch pauses.
    /// </summary>
    /// <value>1 min by default; 1 s to 1 day.</value>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromMinutes(1);

    internal ImageLimits Limits => new() { MaxBytes = MaxImageBytes, MaxPixels = MaxImagePixels };

    internal ImagePipelineOptions Pipeline => new() { BatchSize = BatchSize, MinFace = MinFace, Enhance = Enhance, Limits = Limits };
}
