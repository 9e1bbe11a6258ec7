using System.ComponentModel.DataAnnotations;

namespace IpuNet.Training.Degradation;

/// <summary>How a face becomes a low-resolution one.</summary>
public sealed record DegradationOptions
{
    /// <summary>The sizes, HEIGHTxWIDTH in pixels. Each face draws one. A size that is listed twice is drawn twice as often.</summary>
    /// <value>Default: the ten sizes of the paper.</value>
    [Length(1, 1000), FaceSizeText]
    public IReadOnlyList<string> Sizes { get; init; } =
        ["7x6", "11x8", "14x12", "16x12", "16x14", "16x16", "18x16", "21x15", "32x32", "112x96"];

    /// <summary>The effects of a camera; null for none.</summary>
    public CameraOptions? Camera { get; init; }
}

/// <summary>The effects of a camera. Each value is drawn uniformly for each face, between no effect and the limit.</summary>
public sealed record CameraOptions
{
    /// <summary>Share of faces with these effects.</summary>
    /// <value>0.5 by default; 0 to 1.</value>
    [Range(0.0, 1.0)]
    public double Probability { get; init; } = 0.5;

    /// <summary>Strongest Gaussian blur before the face is made small: standard deviation, in pixels of the small face.</summary>
    [Range(0.0, 4.0)]
    public double Blur { get; init; } = 0.6;

    /// <summary>Strongest noise: standard deviation on the scale 0-255.</summary>
    [Range(0.0, 255.0)]
    public double Noise { get; init; } = 6;

    /// <summary>Lowest JPEG quality, 1-100; 100 for no compression.</summary>
    [Range(1, 100)]
    public int JpegQuality { get; init; } = 50;
}
