using System.Numerics;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Alignment;

/// <summary>
/// Aligns faces: cuts them out of photos, turned upright, at one size, with eyes, nose and mouth at the places of <see cref="DlibChip"/>.
/// </summary>
public static class FaceAligner
{
    /// <summary>Side of an aligned face in pixels.</summary>
    public const int Size = 128;

    /// <summary>Id of this alignment. An embedding's source names it. Another geometry or filter needs another version.</summary>
    public const string Id = "dlib-chip-128@1";

    // Pixels that the bicubic filter reads outside the square, plus one for rounding.
    private const int Margin = BicubicKernel.Taps / 2 + 1;

    private static readonly Vector2[] ChipPoints = DlibChip.PointsFor(Size);

    /// <summary>
    /// Cuts an aligned face out of a photo. A face larger than the result is first averaged by area, which avoids aliasing. Then it is
    /// sampled bicubically. Outside the photo the edge pixels are repeated.
    /// </summary>
    /// <param name="photo">The photo.</param>
    /// <param name="landmarks">The face's landmarks, in pixels of the photo.</param>
    /// <returns>The aligned face, [128, 128, 3].</returns>
    /// <exception cref="FaceDataException">All landmarks lie at one point, or their coordinates are too large.</exception>
    public static RgbImage Align(RgbImage photo, FaceLandmarks landmarks)
    {
        ArgumentNullException.ThrowIfNull(photo);
        return Cut(photo, FitChip(landmarks), Size);
    }

    /// <summary>
    /// Cuts a square out of a photo, turned and resized: averaged by area if it shrinks, which avoids aliasing, then sampled bicubically.
    /// Outside the photo the edge pixels are repeated.
    /// </summary>
    /// <param name="photo">The photo.</param>
    /// <param name="toPhoto">Maps pixels of the result to pixels of the photo.</param>
    /// <param name="size">Side of the result in pixels.</param>
    /// <returns>The square, [size, size, 3].</returns>
    public static RgbImage Cut(RgbImage photo, SimilarityTransform toPhoto, int size)
    {
        ArgumentNullException.ThrowIfNull(photo);
        PixelRegion region = RegionAround(toPhoto, size, photo);
        RgbImage source = photo.Crop(region.X, region.Y, region.Width, region.Height);

        float shrink = Math.Max(1f, toPhoto.Scale);
        int width = Shrunk(region.Width), height = Shrunk(region.Height);
        source = Resampler.Resize(source, width, height);

        var scale = new Vector2((float)width / region.Width, (float)height / region.Height);
        Vector2 firstPixel = toPhoto.Apply(new Vector2(0.5f)) - new Vector2(region.X, region.Y);
        var grid = new SamplingGrid(
            firstPixel * scale, new Vector2(toPhoto.A, toPhoto.B) * scale, new Vector2(-toPhoto.B, toPhoto.A) * scale);
        return ImageWarp.Sample(source, size, size, grid);

        int Shrunk(int side) => Math.Max(1, (int)MathF.Round(side / shrink));
    }

    /// <summary>
    /// Moves a face within its frame, by bicubic sampling without smoothing. Outside the image the edge pixels are repeated.
    /// </summary>
    /// <param name="face">The face.</param>
    /// <param name="toSource">Maps each point of the result to its point in <paramref name="face"/>. Its scale is about 1 or less.</param>
    /// <returns>A new image of the same size.</returns>
    public static RgbImage Move(RgbImage face, SimilarityTransform toSource)
    {
        ArgumentNullException.ThrowIfNull(face);
        return Resample(face, face.Width, face.Height, toSource);
    }

    /// <summary>Does the same as <see cref="Move"/>, into a frame of another size.</summary>
    internal static RgbImage Resample(RgbImage face, int width, int height, SimilarityTransform toSource)
    {
        var grid = new SamplingGrid(
            toSource.Apply(new Vector2(0.5f)), new Vector2(toSource.A, toSource.B), new Vector2(-toSource.B, toSource.A));
        return ImageWarp.Sample(face, width, height, grid);
    }

    /// <summary>Resizes a crop to the size of an aligned face.</summary>
    /// <param name="crop">The crop. If it is not square, its proportions change.</param>
    /// <returns>The face, [128, 128, 3]: averaged by area if it shrinks, bicubic if it grows.</returns>
    public static RgbImage FromCrop(RgbImage crop) => Resampler.Resize(crop, Size, Size);

    /// <summary>
    /// Fits the transform from pixels of the aligned face to pixels of the photo. As in dlib, it minimises squared distances in the photo.
    /// </summary>
    /// <param name="landmarks">The face's landmarks, in pixels of the photo.</param>
    /// <exception cref="FaceDataException">All landmarks lie at one point, or their coordinates are too large.</exception>
    public static SimilarityTransform FitChip(FaceLandmarks landmarks)
    {
        ArgumentNullException.ThrowIfNull(landmarks);
        Vector2[] points = [.. DlibChip.Landmarks.Select(i => landmarks.Points[i])];
        SimilarityTransform toPhoto = SimilarityTransform.Fit(ChipPoints, points);
        return toPhoto.Scale is > 0 and < float.PositiveInfinity
            ? toPhoto
            : throw new FaceDataException(
                "The face cannot be aligned, because its landmarks span no area. Use another image of the face.");
    }

    // The part of the photo that the square needs. If the square lies outside the photo, the part at the nearest edge.
    private static PixelRegion RegionAround(SimilarityTransform toPhoto, int size, RgbImage photo)
    {
        Vector2 center = toPhoto.Apply(new Vector2(size / 2f));
        float reach = (Math.Abs(toPhoto.A) + Math.Abs(toPhoto.B)) * size / 2 + Margin * Math.Max(1f, toPhoto.Scale);
        (int x, int right) = Span(center.X, photo.Width);
        (int y, int bottom) = Span(center.Y, photo.Height);
        return new PixelRegion(x, y, right - x, bottom - y);

        (int Start, int End) Span(float middle, int length)
        {
            int start = (int)Math.Clamp(MathF.Floor(middle - reach), 0, length - 1);
            return (start, (int)Math.Clamp(MathF.Ceiling(middle + reach), start + 1, length));
        }
    }

    private readonly record struct PixelRegion(int X, int Y, int Width, int Height);
}

/// <summary>
/// The 68 landmarks of a face in iBUG's order (300-W: jaw 0-16, brows 17-26, nose 27-35, eyes 36-47, mouth 48-67), in pixels of the photo.
/// The photo's top left corner is (0, 0) and the centre of its first pixel (0.5, 0.5), as for <see cref="FaceBox"/>.
/// </summary>
public sealed record FaceLandmarks
{
    /// <summary>The number of landmarks of a face.</summary>
    public const int Count = 68;

    /// <summary>Creates the landmarks of a face.</summary>
    /// <param name="points">68 finite points in pixels.</param>
    /// <exception cref="ArgumentException">There are not 68 points, or one is not finite.</exception>
    public FaceLandmarks(IReadOnlyList<Vector2> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        if (points.Count != Count)
            throw new ArgumentException($"A face has {Count} landmarks, not {points.Count}.", nameof(points));
        if (points.Any(p => !float.IsFinite(p.X) || !float.IsFinite(p.Y)))
            throw new ArgumentException("A landmark is not a finite point.", nameof(points));
        Points = points;
    }

    /// <summary>The points, in pixels.</summary>
    public IReadOnlyList<Vector2> Points { get; }
}
