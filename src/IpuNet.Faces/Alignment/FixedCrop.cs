using System.ComponentModel.DataAnnotations;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Alignment;

/// <summary>
/// The square of an image that is the aligned face, for sets whose images are aligned already: LFW deepfunneled has it at
/// (65, 77) with a side of 120 px.
/// </summary>
/// <param name="X">Left edge in pixels.</param>
/// <param name="Y">Top edge in pixels.</param>
/// <param name="Side">Side in pixels.</param>
public sealed record FixedCrop(
    [property: Range(0, 65_535)] int X,
    [property: Range(0, 65_535)] int Y,
    [property: Range(1, 65_535)] int Side)
{
    /// <summary>The crop of LFW deepfunneled's 250x250 images.</summary>
    public static FixedCrop LfwDeepfunneled { get; } = new(65, 77, 120);

    /// <summary>Cuts the square out and resizes it.</summary>
    /// <param name="image">The whole image.</param>
    /// <param name="crop">The square; null takes the whole image.</param>
    /// <param name="size">Side of the result in pixels.</param>
    /// <returns>[size, size, 3]: averaged by area where it shrinks, bicubic where it grows; a copy where it is of that size.</returns>
    public static RgbImage Apply(RgbImage image, FixedCrop? crop, int size)
    {
        ArgumentNullException.ThrowIfNull(image);
        RgbImage square = crop is null ? image : image.Crop(crop.X, crop.Y, crop.Side, crop.Side);
        return Resampler.Resize(square, size, size);
    }
}
