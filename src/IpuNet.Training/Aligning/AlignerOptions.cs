using System.ComponentModel.DataAnnotations;
using IpuNet.Training.Degradation;

namespace IpuNet.Training.Aligning;

/// <summary>How the squares for an aligner are drawn, and the photos under them.</summary>
public sealed record AlignerOptions
{
    /// <summary>Largest shift of the square in each direction, in sides of the aligned face.</summary>
    [Range(0.0, 1.0)]
    public double Shift { get; init; } = 0.22;

    /// <summary>Largest factor by which the square is too large or too small.</summary>
    [Range(1.0, 4.0)]
    public double Scale { get; init; } = 1.5;

    /// <summary>Largest turn of most faces in degrees. Small turns are drawn more often: two thirds are within half of it.</summary>
    [Range(0.0, 180.0)]
    public double Turn { get; init; } = 35;

    /// <summary>Share of faces that are turned by any angle, upside down too.</summary>
    [Range(0.0, 1.0)]
    public double AnyTurn { get; init; } = 0.25;

    /// <summary>Smallest height of a face in pixels, as a detector's box.</summary>
    [Range(4, 512)]
    public int SmallestFace { get; init; } = 6;

    /// <summary>Largest height of a face in pixels. No face is drawn larger than it is in its photo.</summary>
    [Range(4, 512)]
    public int LargestFace { get; init; } = 128;

    /// <summary>Share of faces of 8 to 32 px, as far as the limits allow. All others have any height between the limits.</summary>
    [Range(0.0, 1.0)]
    public double Small { get; init; } = 0.65;

    /// <summary>Share of faces in a photo that ends close to them, as a crop does.</summary>
    [Range(0.0, 1.0)]
    public double Cropped { get; init; } = 0.3;

    /// <summary>Share of squares that show no face, or only a part of one, or one that is far too small.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Negatives { get; init; } = 0.2;

    /// <summary>Share of photos without colour.</summary>
    [Range(0.0, 1.0)]
    public double Grey { get; init; } = 0.25;

    /// <summary>Largest loss of light in half of the photos: at 0.7 a photo has 30 % of its light.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Light { get; init; } = 0.7;

    /// <summary>Largest loss of contrast in half of the photos: at 0.5 a photo has half of its contrast.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Contrast { get; init; } = 0.5;

    /// <summary>The effects of a camera; null for none.</summary>
    public CameraOptions? Camera { get; init; } = new() { Probability = 0.5, Blur = 0.7, Noise = 8, JpegQuality = 30 };
}

/// <summary>The weights of an aligner's losses.</summary>
public sealed record AlignerLossOptions
{
    /// <summary>Weight of the mean distance of the points of the face from the truth, in sides of the aligned face.</summary>
    [Range(0.0, 1_000_000.0, MinimumIsExclusive = true)]
    public double Alignment { get; init; } = 1;

    /// <summary>Weight of the likelihood of that distance by the error that the network expects.</summary>
    [Range(0.0, 1_000_000.0)]
    public double Error { get; init; } = 0.02;

    /// <summary>Weight of the cross-entropy of telling whether there is a face.</summary>
    [Range(0.0, 1_000_000.0)]
    public double Face { get; init; } = 0.1;
}
