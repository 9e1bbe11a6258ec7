using System.ComponentModel.DataAnnotations;
using IpuNet.Faces.Alignment;

namespace IpuNet.Training.Data;

/// <summary>The images of a training.</summary>
public sealed record DataOptions
{
    /// <summary>The sets of images. Paths are relative to the folder --data.</summary>
    [Length(1, 1000)]
    public required IReadOnlyList<ImageSet> Sets { get; init; }

    /// <summary>Whether to mirror a random half of the faces.</summary>
    public bool Flip { get; init; } = true;

    /// <summary>Random changes of the faces; null for none.</summary>
    public AugmentationOptions? Augmentation { get; init; }

    /// <summary>Memory for aligned faces, MiB. Faces beyond it are decoded each time they are drawn.</summary>
    [Range(0, 1_048_576)]
    public int CacheMegabytes { get; init; } = 2048;
}

/// <summary>A folder of images of faces.</summary>
public sealed record ImageSet
{
    /// <summary>The folder. It holds {identity}/{file} if its subfolders are identities, otherwise {file}.</summary>
    [Length(1, 4096)]
    public required string Folder { get; init; }

    /// <summary>Whether the subfolders are identities.</summary>
    public bool Identities { get; init; }

    /// <summary>
    /// A file with a list of the identities to use, such as LFW's people*.txt. Each line starts with a name. Null uses all identities.
    /// </summary>
    [Length(1, 4096)]
    public string? People { get; init; }

    /// <summary>The square of the image that becomes the aligned face; null for the whole image.</summary>
    public FixedCrop? Crop { get; init; }

    /// <summary>Maximum number of images; 0 for all.</summary>
    [Range(0, int.MaxValue)]
    public int Limit { get; init; }
}
