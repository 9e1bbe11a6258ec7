using IpuNet.Faces.Gallery;

namespace IpuNet.Service.Galleries;

/// <summary>Something that is kept of subjects beside their records. When a subject goes, each of these forgets it.</summary>
public interface ISubjectTraces
{
    /// <summary>What it keeps.</summary>
    SubjectTrace Kind { get; }

    /// <summary>How many traces <see cref="ForgetAsync"/> would remove.</summary>
    /// <param name="departure">Who goes.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<int> CountAsync(SubjectDeparture departure, CancellationToken cancellation);

    /// <summary>Removes the traces of a subject. Doing it twice is doing it once.</summary>
    /// <param name="departure">Who goes.</param>
    /// <param name="cancellation">Gives up; some traces may be removed then.</param>
    /// <returns>How many were removed.</returns>
    Task<int> ForgetAsync(SubjectDeparture departure, CancellationToken cancellation);
}

/// <summary>Kinds of traces.</summary>
public enum SubjectTrace
{
    /// <summary>Pictures that were uploaded to enrol the subject.</summary>
    Picture,

    /// <summary>Aligned faces that the gallery keeps.</summary>
    Crop,

    /// <summary>Pictures on pages about retrainings.</summary>
    Strip,
}

/// <summary>A subject that goes, with all of its faces or some.</summary>
/// <param name="SubjectId">The subject.</param>
/// <param name="Until">Faces that were enrolled up to this time go.</param>
/// <param name="Former">The record before; null where there is none, or where it is damaged.</param>
/// <param name="Rest">The record afterwards; null where there is none.</param>
/// <param name="IsDeleted">Whether the subject was deleted. False where other faces took the place of its faces.</param>
public sealed record SubjectDeparture(string SubjectId, DateTimeOffset Until, SubjectRecord? Former, SubjectRecord? Rest, bool IsDeleted)
{
    /// <summary>The images whose faces the record had and has no longer.</summary>
    internal IEnumerable<EnrolmentImage> Images =>
        ImagesOf(Former).Except(ImagesOf(Rest)).Select(image => EnrolmentImage.Parse(image, out _)).OfType<EnrolmentImage>();

    /// <summary>The folders of images for retraining that show the subject.</summary>
    internal IReadOnlyList<string> Identities =>
    [
        .. (IsDeleted ? (string[])[SubjectId] : []),
        .. Images.Where(image => !image.IsOfSubject).Select(image => TrainingImageName.Parse(image.Blob, out _)?.Identity)
            .OfType<string>().Distinct(),
    ];

    /// <summary>Whether a record names an image.</summary>
    internal static bool IsNamed(SubjectRecord? record, EnrolmentImage image) => ImagesOf(record).Contains(image.Name);

    private static IEnumerable<string> ImagesOf(SubjectRecord? record) =>
        record?.Embeddings.Select(face => face.Provenance.Image).Distinct() ?? [];
}
