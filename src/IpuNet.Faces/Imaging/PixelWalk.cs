using SkiaSharp;

namespace IpuNet.Faces.Imaging;

/// <summary>
/// How to walk through the stored pixels so that the picture comes out upright: pixel (x, y) of the upright picture is stored at index
/// Start + x * StepX + y * StepY.
/// </summary>
/// <param name="Width">Width of the upright picture in pixels.</param>
/// <param name="Height">Height of the upright picture in pixels.</param>
/// <param name="Start">Index of its top left pixel.</param>
/// <param name="StepX">Step to the pixel on the right.</param>
/// <param name="StepY">Step to the pixel below.</param>
internal readonly record struct PixelWalk(int Width, int Height, int Start, int StepX, int StepY)
{
    /// <summary>The walk for an EXIF orientation (its tag 0x0112: where row 0 and column 0 of the stored pixels are to be seen).</summary>
    /// <param name="origin">The orientation.</param>
    /// <param name="width">Width as stored, in pixels.</param>
    /// <param name="height">Height as stored, in pixels.</param>
    public static PixelWalk Upright(SKEncodedOrigin origin, int width, int height)
    {
        int right = width - 1, bottom = (height - 1) * width;
        return origin switch
        {
            SKEncodedOrigin.TopRight => new(width, height, right, -1, width),
            SKEncodedOrigin.BottomRight => new(width, height, bottom + right, -1, -width),
            SKEncodedOrigin.BottomLeft => new(width, height, bottom, 1, -width),
            SKEncodedOrigin.LeftTop => new(height, width, 0, width, 1),
            SKEncodedOrigin.RightTop => new(height, width, bottom, -width, 1),
            SKEncodedOrigin.RightBottom => new(height, width, bottom + right, -width, -1),
            SKEncodedOrigin.LeftBottom => new(height, width, right, width, -1),
            _ => new(width, height, 0, 1, width),
        };
    }
}
