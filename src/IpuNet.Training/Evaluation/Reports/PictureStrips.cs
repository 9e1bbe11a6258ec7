using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Reports;
using IpuNet.Training.Data;
using IpuNet.Training.Degradation;

namespace IpuNet.Training.Evaluation.Reports;

/// <summary>
/// Pictures of faces before and after super-resolution: one picture for each face, with one row for each size. A row shows the
/// low-resolution face with its pixels enlarged, the bicubic one, the super-resolved one, and the original. A super-resolved face can
/// score well because of a texture that helps the recogniser only. The pictures show such a texture, the figures do not.
/// </summary>
public static class PictureStrips
{
    private const int Gap = 4;

    /// <summary>Makes the pictures. Skips images without a face.</summary>
    /// <param name="images">Files of the images.</param>
    /// <param name="pipeline">The models. Without an enhancer, there is no column for SR.</param>
    /// <param name="alignment">Turns the images into aligned faces.</param>
    /// <param name="sizes">The sizes, one row each; at least one.</param>
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

    /// <summary>
    /// Makes pictures with several enhancers side by side. Each picture gets the mark of its identity (<see cref="PictureMarks"/>), so
    /// that the pictures of a person can be removed later.
    /// </summary>
    /// <param name="faces">The faces.</param>
    /// <param name="enhancers">The heading of each column, and its enhancer.</param>
    /// <param name="sizes">The sizes, one row each; at least one.</param>
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
                face.Mark,
                $"Across: {columns}. Down: {rows} px.")),
        ];
    }

    private static RgbImage Strip(
        RgbImage face, Func<IReadOnlyList<RgbImage>, IReadOnlyList<RgbImage>>[] enhancers, IReadOnlyList<FaceSize> sizes)
    {
        RgbImage[] low = [.. sizes.Select(size => LowResolution.Make(face, size))];
        var enhanced = enhancers.Select(enhance => enhance(low)).ToArray();
        // Area enlargement repeats each pixel. It keeps the true width of a pixel even if the ratio is not a whole number.
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
