using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Reports;
using IpuNet.Training.Data;
using IpuNet.Training.Degradation;

namespace IpuNet.Training.Evaluation.Reports;

/// <summary>
/// Before and after, one picture per face, one row per size: the low-resolution face with its pixels enlarged, bicubic, SR, and
/// the face it was made of. Figures do not show a texture that only a recogniser likes; these do.
/// </summary>
public static class PictureStrips
{
    private const int Gap = 4;

    /// <summary>Makes the pictures; images without a face are passed over.</summary>
    /// <param name="images">Files of the images.</param>
    /// <param name="pipeline">The enhancer; without one there is no SR column.</param>
    /// <param name="alignment">How the images become aligned faces.</param>
    /// <param name="sizes">The sizes, a row each; at least one.</param>
    /// <exception cref="FaceDataException">An image cannot be read.</exception>
    public static IReadOnlyList<ReportPicture> Make(
        IEnumerable<string> images, FacePipeline pipeline, EvaluationAlignment alignment, IReadOnlyList<FaceSize> sizes)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(alignment);
        return Make(
            images.Select(alignment.Load).OfType<RgbImage>().Select(face => (face, (string?)null)),
            pipeline.Enhance is { } enhance ? [new("SR", enhance)] : [], sizes);
    }

    /// <summary>The same with several enhancers side by side, each picture marked with whose face it is.</summary>
    /// <param name="faces">The faces.</param>
    /// <param name="enhancers">The enhancers by what their columns are called.</param>
    /// <param name="sizes">The sizes, a row each; at least one.</param>
    /// <exception cref="FaceDataException">An image cannot be read.</exception>
    public static IReadOnlyList<ReportPicture> Make(
        IEnumerable<TrainingFace> faces, IReadOnlyList<KeyValuePair<string, Func<IReadOnlyList<RgbImage>,
        IReadOnlyList<RgbImage>>>> enhancers, IReadOnlyList<FaceSize> sizes)
    {
        ArgumentNullException.ThrowIfNull(faces);
        ArgumentNullException.ThrowIfNull(enhancers);
        return Make(faces.Select(face => (face.Load(), face.Identity is null ? null : PictureMarks.Of(face.Identity))), enhancers, sizes);
    }

    private static IReadOnlyList<ReportPicture> Make(
        IEnumerable<(RgbImage Aligned, string? Mark)> faces, IReadOnlyList<KeyValuePair<string, Func<IReadOnlyList<RgbImage>,
        IReadOnlyList<RgbImage>>>> enhancers,
        IReadOnlyList<FaceSize> sizes)
    {
        string columns = string.Join(", ", ["low resolution", "bicubic", .. enhancers.Select(enhancer => enhancer.Key), "original"]);
        string rows = string.Join(", ", sizes);
        return
        [
            .. faces.Select((face, i) => new ReportPicture(
                ImageEncoder.EncodeJpeg(Strip(face.Aligned, [.. enhancers.Select(enhancer => enhancer.Value)], sizes)),
                "image/jpeg",
                $"Face {i + 1} at {rows} px: {columns}",
                $"Across: {columns}. Down: {rows} px.",
                Mark: face.Mark)),
        ];
    }

    private static RgbImage Strip(
        RgbImage face, Func<IReadOnlyList<RgbImage>, IReadOnlyList<RgbImage>>[] enhancers, IReadOnlyList<FaceSize> sizes)
    {
        RgbImage[] low = [.. sizes.Select(size => LowResolution.Make(face, size))];
        var enhanced = enhancers.Select(enhance => enhance(low)).ToArray();
        // Enlarging by area repeats pixels, and keeps their true widths if the ratio is not a whole number.
        RgbImage[] tiles =
        [
            .. low.SelectMany((small, i) => (RgbImage[])
            [
                Resampler.Resize(small, FaceAligner.Size, FaceAligner.Size, ResampleFilter.Area), LowResolution.ToInput(small),
                .. enhanced.Select(faces => faces[i]), face,
            ]),
        ];
        return FaceTile.Compose(tiles, tiles.Length / sizes.Count, Gap);
    }
}
