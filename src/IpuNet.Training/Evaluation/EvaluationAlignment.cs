using System.Globalization;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Networks;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Training.Evaluation;

/// <summary>How the images of an evaluation set become aligned faces.</summary>
/// <param name="Id">What reports call it.</param>
/// <param name="Align">
/// Turns an image into its aligned face [128, 128, 3]; null where no face is found, which counts as a score of -1, as a
/// failure to enrol does.
/// </param>
public sealed record EvaluationAlignment(string Id, Func<RgbImage, RgbImage?> Align)
{
    /// <summary>Sets whose images are aligned already: the same square of each. Published figures on LFW use this.</summary>
    /// <param name="crop">The square; null for the whole image.</param>
    public static EvaluationAlignment Fixed(FixedCrop? crop) => new(
        crop is null ? "whole-image" : string.Create(CultureInfo.InvariantCulture, $"fixed-crop({crop.X},{crop.Y},{crop.Side})"),
        image => FixedCrop.Apply(image, crop, UNet.Size));

    internal RgbImage? Load(string path) => DecodedMemory.Use(path, Align);
}
