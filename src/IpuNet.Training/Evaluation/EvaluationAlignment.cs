using System.Globalization;
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

    internal RgbImage? Load(string path) => DecodedMemory.Use(path, Align);
}
