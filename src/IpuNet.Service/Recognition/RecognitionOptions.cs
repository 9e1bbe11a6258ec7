using System.ComponentModel.DataAnnotations;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Service.Recognition;

/// <summary>How uploads are recognised.</summary>
/// <remarks>Configuration section <see cref="Section"/>.</remarks>
public sealed class RecognitionOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Recognition";

    /// <summary>
    /// About how many images are held at a time, of all messages. The models' batches are full, and nothing waits for storage, only where
    /// enough are in hand; other workers are to have what this one cannot work on soon.
    /// </summary>
    /// <value>96 by default, six times <see cref="BatchSize"/>'s; 1 to 4096.</value>
    [Range(1, 4096)]
    public int MaxImages { get; set; } = 96;

    /// <summary>How many images are downloaded at the same time, and how many results are uploaded.</summary>
    /// <value>8 by default; 1 to 64.</value>
    [Range(1, 64)]
    public int Transfers { get; set; } = 8;

    /// <summary>How many images share the models' batches at most. Fewer do where they are large, or where no more wait.</summary>
    /// <value>16 by default; 1 to 1024.</value>
    [Range(1, 1024)]
    public int BatchSize { get; set; } = 16;

    /// <summary>Which faces are super-resolved.</summary>
    /// <value><see cref="EnhanceChoice.Auto"/> by default: those that gain by it.</value>
    public EnhanceChoice Enhance { get; set; } = EnhanceChoice.Auto;

    /// <summary>How many subjects a result names for each face at most.</summary>
    /// <value>5 by default; 1 to 100.</value>
    [Range(1, 100)]
    public int Matches { get; set; } = 5;

    /// <summary>Greatest length of an image's file, bytes.</summary>
    /// <value>32 MiB by default.</value>
    [Range(1, 1L << 30)]
    public long MaxImageBytes { get; set; } = ImageLimits.Default.MaxBytes;

    /// <summary>Greatest number of pixels of an image.</summary>
    /// <value>40,000,000 by default.</value>
    [Range(1, 500_000_000)]
    public long MaxImagePixels { get; set; } = ImageLimits.Default.MaxPixels;

    /// <summary>How often summary and report of a batch are renewed while it goes on; they are anyway when it pauses.</summary>
    /// <value>1 min by default.</value>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromMinutes(1);

    internal ImageLimits Limits => new() { MaxBytes = MaxImageBytes, MaxPixels = MaxImagePixels };

    internal ImagePipelineOptions Pipeline => new() { BatchSize = BatchSize, Enhance = Enhance, Limits = Limits };
}
