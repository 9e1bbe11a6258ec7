using System.Globalization;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Training.Evaluation;

/// <summary>Turns the images of an evaluation set into aligned faces.</summary>
/// <param name="Id">Name in reports.</param>
/// <param name="Align">
/// Turns an image into its aligned face [128, 128, 3], or null if it finds no face. Every comparison with an image without a face
/// scores -1.
/// </param>
public sealed record EvaluationAlignment(string Id, Func<RgbImage, RgbImage?> Align)
{
    /// <summary>Takes the same square of each image, for sets with aligned images. Published figures on LFW use this.</summary>
    /// <param name="crop">The square; null for the whole image.</param>
    public static EvaluationAlignment Fixed(FixedCrop? crop) => new(
        crop is null ? "whole-image" : string.Create(CultureInfo.InvariantCulture, $"fixed-crop({crop.X},{crop.Y},{crop.Side})"),
        image => FixedCrop.Apply(image, crop, FaceAligner.Size));

    /// <summary>
    /// The face that a folder names. It names one person of an image. If the image shows more people, the face nearest to the middle is
    /// that person.
    /// </summary>
    /// <param name="faces">The faces of the image.</param>
    /// <param name="boxOf">The box of a face, in pixels.</param>
    /// <param name="width">Width of the image in pixels.</param>
    /// <param name="height">Height of the image in pixels.</param>
    /// <returns>Null if there is no face.</returns>
    public static T? InTheMiddle<T>(IEnumerable<T> faces, Func<T, FaceBox> boxOf, int width, int height)
        where T : class
    {
        return faces.MinBy(face => FromMiddle(boxOf(face)));

        float FromMiddle(FaceBox box) =>
            Math.Abs(box.X + box.Width / 2 - width / 2f) + Math.Abs(box.Y + box.Height / 2 - height / 2f);
    }

    internal RgbImage? Load(string path) => DecodedMemory.Use(path, Align);
}
