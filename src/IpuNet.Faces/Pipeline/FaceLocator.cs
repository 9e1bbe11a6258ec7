using System.Globalization;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Detection;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Pipeline;

/// <summary>Turns images into aligned faces: by detection, or because the whole image is one. Many threads may use one locator.</summary>
/// <param name="detector">The detector, opened with <see cref="DetectorSettings"/>; it stays the caller's.</param>
public sealed class FaceLocator(FaceDetector detector)
{
    /// <summary>Longer side in pixels up to which an image counts as a face that was cut out.</summary>
    /// <remarks>A face that fills less than such an image is too small for the detector, whose faces begin at about 24 px.</remarks>
    public const int CropSide = 150;

    /// <summary>Longer side in pixels up to which an image without a detected face counts as one that was cut out.</summary>
    /// <remarks>The usual face sets have crops of 200 to 256 px; detectors fail on some of them because they show no surroundings.</remarks>
    public const int LargestCropSide = 256;

    /// <summary>
    /// How many times as long as its shorter side an image may be that is one face. Faces are 1.5 times as high as wide; a strip is none.
    /// </summary>
    public const int LongestCrop = 4;

    // face-api's.
    private const float SureScore = 0.5f;

    // Of 60 images of LFW and UTKFace, which show one face each, 7 score below 0.5 and none below 0.18; in all the best candidate is the face.
    private const float CandidateScore = 0.15f;

    /// <summary>
    /// What the detector has to give: candidates too that are no faces by themselves. In an image up to <see cref="LargestCropSide"/> px
    /// without a sure one, which is likely to be a picture of somebody, the best candidate is the face.
    /// </summary>
    public static FaceDetectorSettings DetectorSettings { get; } = new() { MinimumScore = CandidateScore };

    /// <summary>Finds the faces of images; photos share the detector's batches.</summary>
    /// <param name="images">Images of any size.</param>
    /// <param name="finding">Where the faces are.</param>
    /// <returns>For each image its faces, the detector's surest first.</returns>
    public IReadOnlyList<IReadOnlyList<LocatedFace>> Locate(IReadOnlyList<RgbImage> images, FaceFinding finding)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Locate(images, [.. images.Select(_ => finding)]);
    }

    /// <summary>Finds the faces of images, of each in its own way; photos share the detector's batches.</summary>
    /// <param name="images">Images of any size.</param>
    /// <param name="findings">For each image, where its faces are.</param>
    /// <returns>For each image its faces, the detector's surest first.</returns>
    public IReadOnlyList<IReadOnlyList<LocatedFace>> Locate(IReadOnlyList<RgbImage> images, IReadOnlyList<FaceFinding> findings)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(findings);
        ArgumentOutOfRangeException.ThrowIfNotEqual(findings.Count, images.Count, nameof(findings));
        var located = new IReadOnlyList<LocatedFace>[images.Count];
        int[] photos = [.. Enumerable.Range(0, images.Count).Where(i => !IsCrop(images[i], findings[i]))];
        var detected = detector.Detect([.. photos.Select(i => images[i])]);
        Parallel.For(0, images.Count, i =>
        {
            int photo = Array.IndexOf(photos, i);
            located[i] = photo >= 0 ? Align(images[i], Choose(images[i], detected[photo])) : Crop(images[i]);
            if (located[i] is [] && findings[i] == FaceFinding.Auto && LongerSide(images[i]) <= LargestCropSide)
                located[i] = Crop(images[i]);
        });
        return located;
    }

    /// <summary>Why an image cannot be a face as it is: its size or its shape. Null where it can.</summary>
    public static string? CropFaultOf(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        int shorter = Math.Min(image.Width, image.Height);
        return shorter < FaceDetectorSettings.LeastFace ? Fault($"a face has at least {FaceDetectorSettings.LeastFace} px each way")
            : LongerSide(image) > LongestCrop * shorter ? Fault($"a face is at most {LongestCrop} times as long one way as the other")
            : null;

        string Fault(string rule) =>
            string.Create(CultureInfo.InvariantCulture, $"{image.Width:N0} x {image.Height:N0} px are no face: {rule}");
    }

    private static bool IsCrop(RgbImage image, FaceFinding finding) => finding == FaceFinding.Crop
        || (finding == FaceFinding.Auto && LongerSide(image) <= CropSide);

    private static int LongerSide(RgbImage image) => Math.Max(image.Width, image.Height);

    private static DetectedFace[] Choose(RgbImage image, IReadOnlyList<DetectedFace> candidates)
    {
        DetectedFace[] sure = [.. candidates.Where(face => face.Score >= SureScore)];
        return sure is [] && LongerSide(image) <= LargestCropSide ? [.. candidates.Take(1)] : sure;
    }

    private static LocatedFace[] Crop(RgbImage image) => CropFaultOf(image) is null
        ? [new(new FaceBox(0, 0, image.Width, image.Height), image.Height, FaceAligner.FromCrop(image))]
        : [];

    private static LocatedFace[] Align(RgbImage photo, DetectedFace[] faces) =>
        [.. faces.AsParallel().AsOrdered().Select(face => Align(photo, face)).OfType<LocatedFace>()];

    private static LocatedFace? Align(RgbImage photo, DetectedFace face)
    {
        try
        {
            float side = FaceAligner.FitChip(face.Landmarks).Scale * FaceAligner.Size;
            return new LocatedFace(face.Box, side, FaceAligner.Align(photo, face.Landmarks));
        }
        catch (FaceDataException)
        {
            // Landmarks in one point: the detector took something else for a face.
            return null;
        }
    }
}
