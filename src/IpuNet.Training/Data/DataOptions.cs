using System.ComponentModel.DataAnnotations;
using IpuNet.Faces.Alignment;

namespace IpuNet.Training.Data;

/// <summary>What a run learns from.</summary>
public sealed record DataOptions
{
    /// <summary>The sets of images; paths are relative to the data folder that the command is given.</summary>
    [Length(1, 1000)]
    public required IReadOnlyList<ImageSet> Sets { get; init; }

    /// <summary>Whether half of the faces, drawn anew each time, are mirrored.</summary>
    public bool Flip { get; init; } = true;

    /// <summary>How much faces may differ from their files; null leaves them as they are.</summary>
    public AugmentationOptions? Augmentation { get; init; }

    /// <summary>Aligned faces kept in memory, in MiB; beyond it, faces are decoded again each time they are drawn.</summary>
    [Range(0, 1_048_576)]
    public int CacheMegabytes { get; init; } = 2048;
}

/// <summary>A folder of images of faces.</summary>
public sealed record ImageSet
{
    /// <summary>The folder. With identities it is folder/{identity}/{file}; without, the files lie in it.</summary>
    [Length(1, 4096)]
    public required string Folder { get; init; }

    /// <summary>Whether the subfolders are identities.</summary>
    public bool Identities { get; init; }

    /// <summary>A file that lists the identities to take, one a line, the name first (LFW's people*.txt); null takes all.</summary>
    [Length(1, 4096)]
    public string? People { get; init; }

    /// <summary>The square that is the aligned face; null where the whole image is.</summary>
    public FixedCrop? Crop { get; init; }

    /// <summary>The most images to take; 0 takes all.</summary>
    [Range(0, int.MaxValue)]
    public int Limit { get; init; }
}
