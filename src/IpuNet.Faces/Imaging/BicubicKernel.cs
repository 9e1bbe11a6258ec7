namespace IpuNet.Faces.Imaging;

/// <summary>
/// Keys' cubic convolution kernel with a = -0.5 (R. Keys, "Cubic convolution interpolation for digital image processing",
/// 1981). Of the family only this one is exact for quadratics, and it overshoots least at an edge; it is the "bicubic" of MATLAB and
/// Pillow, against which super-resolution is usually reported. OpenCV and Torch take a = -0.75, so their pixels differ
/// by a few levels: a network trained on this kernel is to be fed by this kernel.
/// </summary>
public static class BicubicKernel
{
    /// <summary>The free parameter: the slope at distance 1.</summary>
    public const double A = -0.5;

    /// <summary>Pixels that take part, in each direction.</summary>
    internal const int Taps = 4;

    /// <summary>Weights of the pixels at -1, 0, 1 and 2 for a sample at <paramref name="offset"/>; their sum is 1.</summary>
    /// <param name="offset">Distance from pixel 0, in [0, 1).</param>
    /// <param name="weights">Receives four weights.</param>
    internal static void Weights(double offset, Span<float> weights)
    {
        double t = offset, u = 1 - offset;
        weights[0] = (float)(A * t * u * u);
        weights[1] = (float)(1 + t * t * ((A + 2) * t - (A + 3)));
        weights[2] = (float)(1 + u * u * ((A + 2) * u - (A + 3)));
        weights[3] = (float)(A * u * t * t);
    }
}
