using IpuNet.Faces.Detection;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Recognition;

namespace IpuNet.Faces.Pipeline;

/// <summary>What the pipeline made of one image.</summary>
/// <param name="Name">The image's name.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Reason">Why there is no face, fit for the user, who is told the name beside it; null where there is one.</param>
/// <param name="Sha256">SHA-256 of the file, lower-case hexadecimal; null where it could not be read.</param>
/// <param name="Faces">The faces, the detector's surest first.</param>
public sealed record ImageResult(string Name, ImageStatus Status, string? Reason, string? Sha256, IReadOnlyList<FaceResult> Faces)
{
    /// <summary>What it cost.</summary>
    public ImageTimings Timings { get; init; } = new();

    /// <summary>What the caller gave as <see cref="ImageSource.Tag"/>.</summary>
    public object? Tag { get; init; }
}

/// <summary>A face of an image.</summary>
/// <param name="Box">Where it is in the image, pixels; the whole image for a crop.</param>
/// <param name="SourceHeight">Its height in the image, as <see cref="LocatedFace.SourceHeight"/>.</param>
/// <param name="Aligned">The aligned face, 128x128 px.</param>
/// <param name="Enhanced">The super-resolved face, 128x128 px; null where it was not enhanced.</param>
/// <param name="Embedding">A unit vector of <see cref="Enhanced"/>, or else of <see cref="Aligned"/>; null where none was asked for.</param>
public sealed record FaceResult(FaceBox Box, float SourceHeight, RgbImage Aligned, RgbImage? Enhanced, float[]? Embedding)
{
    /// <summary>The band that decides how the face is treated.</summary>
    public ResolutionBand Band => ResolutionBand.Of(SourceHeight);

    /// <summary>The face as it was recognised: enhanced where it was, aligned where not.</summary>
    public RgbImage Picture => Enhanced ?? Aligned;
}
