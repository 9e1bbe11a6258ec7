using System.Numerics;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;

namespace IpuNet.Benchmarks.Stages;

/// <summary>Images of smooth noise. A network takes the same time for any image.</summary>
internal static class BenchImages
{
    /// <summary>Side of a small crop, pixels.</summary>
    public const int ProbeSide = 16;

    private const int Coarse = 24;

    /// <summary>An image of soft colours, which compresses about as well as a photo.</summary>
    public static RgbImage Photo(int width, int height, int seed)
    {
        var noise = new RgbImage(Coarse, Coarse);
        new Random(seed).NextBytes(noise.Pixels);
        return Resampler.Resize(noise, width, height, ResampleFilter.Bicubic);
    }

    /// <summary>A small crop as a PNG file.</summary>
    public static byte[] ProbeFile(int seed) => ImageEncoder.EncodePng(Photo(ProbeSide, ProbeSide, seed));

    /// <summary>Landmarks of an upright face.</summary>
    /// <param name="left">Left edge of the aligned face in the photo, pixels.</param>
    /// <param name="top">Top edge of the aligned face, pixels.</param>
    /// <param name="side">Side of the aligned face, pixels.</param>
    public static FaceLandmarks Landmarks(float left, float top, int side)
    {
        var points = new Vector2[FaceLandmarks.Count];
        foreach (var (index, point) in DlibChip.Landmarks.Zip(DlibChip.PointsFor(side)))
            points[index] = point + new Vector2(left, top);
        return new FaceLandmarks(points);
    }
}
