using System.Globalization;
using System.Numerics;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Detection;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Pipeline;

/// <summary>
/// Finds and aligns the faces of images, by detection or by taking the whole image as a crop. Many threads may share one locator.
/// </summary>
/// <param name="detector">The detector, opened with <see cref="DetectorSettings"/>. The caller keeps and disposes it.</param>
public sealed class FaceLocator(FaceDetector detector)
{
    /// <summary>With <see cref="FaceDetectionMode.Auto"/>, an image whose longer side has up to this many pixels is a crop.</summary>
    /// <remarks>A smaller face in such an image is too small for the detector, which finds faces from about 24 px.</remarks>
    public const int CropSide = 150;

    /// <summary>
    /// With <see cref="FaceDetectionMode.Auto"/>, an image without a detected face is a crop if its longer side has up to this many pixels.
    /// </summary>
    /// <remarks>
    /// Common face data sets have crops of 200 to 256 px. Detectors fail on some of them, because they show no surroundings.
    /// </remarks>
    public const int LargestCropSide = 256;

    /// <summary>
    /// The maximum ratio of a crop's longer side to its shorter side. A face is 1.5 times as high as wide, so a strip is not a face.
    /// </summary>
    public const int LongestCrop = 4;

    // As in face-api.
    private const float SureScore = 0.5f;

    // Measured on 60 images of LFW and UTKFace with one face each: 7 faces score below 0.5 and none below 0.18. The face
    // is always the best candidate.
    private const float CandidateScore = 0.15f;

    /// <summary>
    /// The settings for the detector. They also let weak candidates pass: if an image of up to <see cref="LargestCropSide"/> px has no sure
    /// face, it is probably a portrait, and its best candidate is the face.
    /// </summary>
    public static FaceDetectorSettings DetectorSettings { get; } = new() { MinimumScore = CandidateScore };

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
        int[] photos = [.. Enumerable.Range(0, images.Count).Where(i => !IsCrop(images[i], modes[i]))];
        var detected = detector.Detect([.. photos.Select(i => images[i])]);
        Parallel.For(0, images.Count, i =>
        {
            int photo = Array.IndexOf(photos, i);
            located[i] = photo >= 0 ? Align(images[i], Choose(images[i], detected[photo])) : Crop(images[i]);
            if (located[i] is [] && modes[i] == FaceDetectionMode.Auto && LongerSide(images[i]) <= LargestCropSide)
                located[i] = Crop(images[i]);
        });
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
            : LongerSide(image) > LongestCrop * shorter
                ? Fault($"the longer side of a face is at most {LongestCrop} times the shorter side")
                : null;

        string Fault(string rule) =>
            string.Create(CultureInfo.InvariantCulture, $"an image of {image.Width:N0} x {image.Height:N0} px is not a face: {rule}");
    }

    private static bool IsCrop(RgbImage image, FaceDetectionMode mode) => mode == FaceDetectionMode.Crop
        || (mode == FaceDetectionMode.Auto && LongerSide(image) <= CropSide);

    private static int LongerSide(RgbImage image) => Math.Max(image.Width, image.Height);

    private static DetectedFace[] Choose(RgbImage image, IReadOnlyList<DetectedFace> candidates)
    {
        DetectedFace[] sure = [.. candidates.Where(face => face.Score >= SureScore)];
        return sure is [] && LongerSide(image) <= LargestCropSide ? [.. candidates.Take(1)] : sure;
    }

    private static LocatedFace[] Crop(RgbImage image) => CropFaultOf(image) is null
        ? [new(new FaceBox(0, 0, image.Width, image.Height), image.Height, FaceAligner.FromCrop(image), WholeOf(image))]
        : [];

    private static SimilarityTransform WholeOf(RgbImage crop)
    {
        float scale = (float)crop.Height / FaceAligner.Size;
        return new SimilarityTransform(scale, 0f, new Vector2((crop.Width - crop.Height) / 2f, 0f));
    }

    private static LocatedFace[] Align(RgbImage photo, DetectedFace[] faces) =>
        [.. faces.AsParallel().AsOrdered().Select(face => Align(photo, face)).OfType<LocatedFace>()];

    private static LocatedFace? Align(RgbImage photo, DetectedFace face)
    {
        try
        {
            SimilarityTransform toPhoto = FaceAligner.FitChip(face.Landmarks);
            return new LocatedFace(
                face.Box, toPhoto.Scale * FaceAligner.Size, FaceAligner.Align(photo, face.Landmarks), toPhoto);
        }
        catch (FaceDataException)
        {
            // All landmarks lie at one point, so this is not a face.
            return null;
        }
    }
}
