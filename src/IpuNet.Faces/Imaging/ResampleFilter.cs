namespace IpuNet.Faces.Imaging;

/// <summary>How <see cref="Resampler"/> makes a pixel of the target from pixels of the source.</summary>
public enum ResampleFilter
{
    /// <summary>
    /// The mean over the rectangle that the target's pixel covers, pixels partly covered counting by their share: what a
    /// sensor of fewer pixels would see, and OpenCV's INTER_AREA when it shrinks. The filter to shrink with.
    /// </summary>
    Area,

    /// <summary>
    /// Linear between the two nearest pixels in each direction, pixel centres at half, without smoothing when it shrinks:
    /// OpenCV's INTER_LINEAR.
    /// </summary>
    Bilinear,

    /// <summary>
    /// Cubic convolution over the four nearest pixels in each direction, pixel centres at half, without smoothing when it
    /// shrinks. The kernel is that of <see cref="BicubicKernel"/>. The filter to enlarge with.
    /// </summary>
    Bicubic,
}
