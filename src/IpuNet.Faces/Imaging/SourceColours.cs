using SkiaSharp;

namespace IpuNet.Faces.Imaging;

/// <summary>Which files' colours are turned into sRGB.</summary>
internal static class SourceColours
{
    private const float UsualGamma = 2.2f;
    private const float GammaTolerance = 0.05f;
    private const float PrimariesTolerance = 0.01f;

    /// <summary>
    /// The colour space to decode into: sRGB, but the file's own, which leaves its levels as they are, where it means sRGB. Programs write
    /// "gamma 1/2.2" into PNG files for sRGB; taken at its word it would turn level 10 into 3, and dark faces with it.
    /// </summary>
    public static SKColorSpace Target(SKColorSpace? source) => source is not null && MeansSrgb(source) ? source : SKColorSpace.CreateSrgb();

    private static bool MeansSrgb(SKColorSpace source)
    {
        if (!source.GetNumericalTransferFunction(out SKColorSpaceTransferFn curve) || !source.ToColorSpaceXyz(out SKColorSpaceXyz primaries))
            return false;
        bool isUsualGamma = Math.Abs(curve.G - UsualGamma) < GammaTolerance && curve is { A: 1, B: 0, D: 0, E: 0 };
        return isUsualGamma && primaries.Values.Zip(SKColorSpaceXyz.Srgb.Values, (p, q) => Math.Abs(p - q)).Max() < PrimariesTolerance;
    }
}
