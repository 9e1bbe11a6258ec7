using System.Numerics;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Alignment;

/// <summary>Cuts faces out of photos, turned upright, at one size and with eyes, nose and mouth where dlib's chip has them.</summary>
public static class FaceAligner
{
    /// <summary>Side of an aligned face in pixels.</summary>
    public const int Size = 128;

    /// <summary>What embeddings state about how their faces were cut out. Another geometry or filter is another version.</summary>
    public const string Id = "dlib-chip-128@1";

    // What the bicubic filter reaches beyond the face's square, in its pixels, and one for rounding.
    private const int Margin = BicubicKernel.Taps / 2 + 1;

    private static readonly Vector2[] ChipPoints = DlibChip.PointsFor(Size);

    /// <summary>
    /// Cuts an aligned face out of a photo. A face larger than the result is averaged by area first, so that nothing aliases; then it is
    /// sampled bicubically. Beyond the photo's edge its edge pixels are repeated.
    /// </summary>
    /// <param name="photo">The photo.</param>
    /// <param name="landmarks">The face's landmarks in the photo.</param>
    /// <returns>The face, <see cref="Size"/> x <see cref="Size"/> px.</returns>
    /// <exception cref="FaceDataException">The landmarks are all at one point, or beyond all numbers.</exception>
    public static RgbImage Align(RgbImage photo, FaceLandmarks landmarks)
    {
        ArgumentNullException.ThrowIfNull(photo);
        SimilarityTransform toPhoto = FitChip(landmarks);
        PixelRegion region = RegionAround(toPhoto, photo);
        RgbImage source = photo.Crop(region.X, region.Y, region.Width, region.Height);

        float shrink = Math.Max(1f, toPhoto.Scale);
        int width = Shrunk(region.Width), height = Shrunk(region.Height);
        source = Resampler.Resize(source, width, height);

        var scale = new Vector2((float)width / region.Width, (float)height / region.Height);
        Vector2 firstPixel = toPhoto.Apply(new Vector2(0.5f)) - new Vector2(region.X, region.Y);
        var grid = new SamplingGrid(firstPixel * scale, new Vector2(toPhoto.A, toPhoto.B) * scale, new Vector2(-toPhoto.B, toPhoto.A) * scale);
        return ImageWarp.Sample(source, Size, Size, grid);

        int Shrunk(int size) => Math.Max(1, (int)MathF.Round(size / shrink));
    }

    /// <summary>Moves a face within its frame: sampled bicubically, edge pixels repeated outside, without smoothing.</summary>
    /// <param name="face">The face.</param>
    /// <param name="toSource">From where a point will be to where it is now; its scale is about 1 or below.</param>
    /// <returns>A new image of the same size.</returns>
    public static RgbImage Move(RgbImage face, SimilarityTransform toSource)
    {
        ArgumentNullException.ThrowIfNull(face);
        return Resample(face, face.Width, face.Height, toSource);
    }

    /// <summary>The same into a frame of another size.</summary>
    internal static RgbImage Resample(RgbImage face, int width, int height, SimilarityTransform toSource)
    {
        var grid = new SamplingGrid(toSource.Apply(new Vector2(0.5f)), new Vector2(toSource.A, toSource.B), new Vector2(-toSource.B, toSource.A));
        return ImageWarp.Sample(face, width, height, grid);
    }

    /// <summary>Takes a whole image for a face that was cut out already, and brings it to the size of an aligned one.</summary>
    /// <param name="crop">The face; its proportions are not kept where it is no square.</param>
    /// <returns>[128, 128, 3]: averaged by area where it shrinks, bicubic where it grows.</returns>
    public static RgbImage FromCrop(RgbImage crop) => Resampler.Resize(crop, Size, Size);

    /// <summary>
    /// The transform from an aligned face's pixels to the photo's. As in dlib, the squares that it makes least are those in the photo.
    /// </summary>
    /// <exception cref="FaceDataException">The landmarks are all at one point, or beyond all numbers.</exception>
    public static SimilarityTransform FitChip(FaceLandmarks landmarks)
    {
        ArgumentNullException.ThrowIfNull(landmarks);
        Vector2[] points = [.. DlibChip.Landmarks.Select(i => landmarks.Points[i])];
        SimilarityTransform toPhoto = SimilarityTransform.Fit(ChipPoints, points);
        return toPhoto.Scale is > 0 and < float.PositiveInfinity
            ? toPhoto
            : throw new FaceDataException("The face's landmarks span no area, so there is nothing to align; use another picture of the face.");
    }

    // What of the photo the face needs; at its nearest edge where the face lies outside.
    private static PixelRegion RegionAround(SimilarityTransform toPhoto, RgbImage photo)
    {
        Vector2 center = toPhoto.Apply(new Vector2(Size / 2f));
        float reach = (Math.Abs(toPhoto.A) + Math.Abs(toPhoto.B)) * Size / 2 + Margin * Math.Max(1f, toPhoto.Scale);
        (int x, int right) = Span(center.X, photo.Width);
        (int y, int bottom) = Span(center.Y, photo.Height);
        return new PixelRegion(x, y, right - x, bottom - y);

        (int Start, int End) Span(float middle, int size)
        {
            int start = (int)Math.Clamp(MathF.Floor(middle - reach), 0, size - 1);
            return (start, (int)Math.Clamp(MathF.Ceiling(middle + reach), start + 1, size));
        }
    }

    private readonly record struct PixelRegion(int X, int Y, int Width, int Height);
}
