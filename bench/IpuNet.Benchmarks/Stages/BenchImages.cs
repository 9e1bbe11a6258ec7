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
}
