using System.Globalization;
using System.Numerics;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Detection;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Pipeline;

/// <summary>
/// Finds the faces of images and straightens them. A face is found by the detector, or the whole image is taken for a crop of one face.
/// Many threads may share one locator.
/// </summary>
/// <param name="detector">The detector, opened with <see cref="DetectorSettings"/>. The caller keeps and disposes it.</param>
/// <param name="straightener">The aligner. The caller keeps and disposes it.</param>
/// <param name="minFace">Height in pixels of the smallest face to look for. Null takes the detector's setting.</param>
public sealed class FaceLocator(FaceDetector detector, FaceStraightener straightener, int? minFace = null)
{
    /// <summary>
    /// With <see cref="FaceDetectionMode.Auto"/>, an image in which no face is found is taken for a crop if its longer side has up to this
    /// many pixels.
    /// </summary>
    /// <remarks>
    /// Common face data sets have crops of 200 to 256 px. Detectors fail on some of them, because they show no surroundings.
    /// </remarks>
    public const int LargestCropSide = 256;

    /// <summary>
    /// The maximum ratio of a crop's longer side to its shorter side. A face is 1.5 times as high as wide, so a strip is not a face.
    /// </summary>
    public const int LongestCrop = 4;

    // Two alignments show one face if their middles lie nearer than this share of its side.
    private const float SamePlace = 0.35f;

    /// <summary>The settings for the detector. They let weak candidates pass, because the aligner tells which of them are faces.</summary>
    public static FaceDetectorSettings DetectorSettings { get; } = new() { MinimumScore = LocatedFace.LeastScore };

    /// <summary>Finds the faces of images. All photos share the detector's batches.</summary>
    /// <param name="images">Images of any size.</param>
    /// <param name="mode">How to find the faces: by detection, as crops, or automatically.</param>
    /// <returns>For each image its faces, highest detection score first.</returns>
    public IReadOnlyList<IReadOnlyList<LocatedFace>> Locate(IReadOnlyList<RgbImage> images, FaceDetectionMode mode)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Locate(images, [.. images.Select(_ => mode)]);
    }

    /// <summary>Finds the faces of images, with a setting for each image. All photos share the detector's batches.</summary>
    /// <param name="images">Images of any size.</param>
    /// <param name="modes">For each image, how to find its faces.</param>
    /// <returns>For each image its faces, highest detection score first.</returns>
    public IReadOnlyList<IReadOnlyList<LocatedFace>> Locate(IReadOnlyList<RgbImage> images, IReadOnlyList<FaceDetectionMode> modes)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(modes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(modes.Count, images.Count, nameof(modes));
        var located = new IReadOnlyList<LocatedFace>[images.Count];
        int[] photos = [.. Enumerable.Range(0, images.Count).Where(i => modes[i] != FaceDetectionMode.Crop)];
        foreach (var (i, faces) in photos.Zip(Find([.. photos.Select(i => images[i])])))
            located[i] = faces;

        int[] crops =
        [
            .. Enumerable.Range(0, images.Count).Where(
                i => (modes[i] == FaceDetectionMode.Crop || (modes[i] == FaceDetectionMode.Auto && CanBeCrop(images[i], located[i])))),
        ];
        foreach (var (i, face) in crops.Zip(Crops([.. crops.Select(i => images[i])])))
            located[i] = face is not null && (modes[i] == FaceDetectionMode.Crop || face.IsFace) ? [face] : [];
        return located;
    }

    /// <summary>Checks whether an image can be a crop.</summary>
    /// <param name="image">The image.</param>
    /// <returns>Null if it can; otherwise the reason (its size or its shape), for the user.</returns>
    public static string? CropFaultOf(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        int shorter = Math.Min(image.Width, image.Height);
        return shorter < FaceDetectorSettings.LeastFace
            ? Fault($"each side of a face has at least {FaceDetectorSettings.LeastFace} px")
            : Math.Max(image.Width, image.Height) > LongestCrop * shorter
                ? Fault($"the longer side of a face is at most {LongestCrop} times the shorter side")
                : null;

        string Fault(string rule) =>
            string.Create(CultureInfo.InvariantCulture, $"an image of {image.Width:N0} x {image.Height:N0} px is not a face: {rule}");
    }

    private static bool CanBeCrop(RgbImage image, IReadOnlyList<LocatedFace> found) =>
        found is [] && Math.Max(image.Width, image.Height) <= LargestCropSide;

    private IReadOnlyList<IReadOnlyList<LocatedFace>> Find(RgbImage[] photos)
    {
        var detected = detector.Detect(photos, minFace);
        FaceAlignment[] alignments = straightener.Straighten(
            [.. photos.Zip(detected).SelectMany(pair => pair.Second.Select(face => (pair.First, face.Box)))]);
        var rest = new Queue<FaceAlignment>(alignments);
        return
        [
            .. photos.Zip(detected, (photo, faces) =>
            {
                List<(DetectedFace Face, FaceAlignment Alignment)> kept = [];
                foreach (DetectedFace face in faces)
                {
                    FaceAlignment alignment = rest.Dequeue();
                    if (LocatedFace.IsFaceBy(face.Score, alignment) && kept.TrueForAll(other => !IsSame(other.Alignment, alignment)))
                        kept.Add((face, alignment));
                }

                return (IReadOnlyList<LocatedFace>)
                [
                    .. kept.AsParallel().AsOrdered().Select(pair => new LocatedFace(
                        pair.Face.Box, Cut(photo, pair.Alignment), pair.Alignment, pair.Face.Score)),
                ];
            }),
        ];
    }

    private LocatedFace?[] Crops(RgbImage[] images)
    {
        var located = new LocatedFace?[images.Length];
        int[] possible = [.. Enumerable.Range(0, images.Length).Where(i => CropFaultOf(images[i]) is null)];
        foreach (var (i, alignment) in possible.Zip(straightener.StraightenCrops([.. possible.Select(i => images[i])])))
        {
            var whole = new FaceBox(0, 0, images[i].Width, images[i].Height);
            located[i] = new LocatedFace(whole, Cut(images[i], alignment), alignment, Score: null);
        }

        return located;
    }

    private static RgbImage Cut(RgbImage image, FaceAlignment alignment) => FaceAligner.Cut(image, alignment.ToPhoto, FaceAligner.Size);

    private static bool IsSame(FaceAlignment a, FaceAlignment b)
    {
        float side = Math.Min(a.ToPhoto.Scale, b.ToPhoto.Scale) * FaceAligner.Size;
        return Vector2.Distance(MiddleOf(a), MiddleOf(b)) < SamePlace * side;
    }

    private static Vector2 MiddleOf(FaceAlignment alignment) => alignment.ToPhoto.Apply(new Vector2(FaceAligner.Size / 2f));
}
