using IpuNet.Faces.Gallery;

namespace IpuNet.Service.Galleries;

/// <summary>
/// Traces of subjects outside their records, such as images. <see cref="BlobGallery"/> removes all of them with the subject.
/// </summary>
internal interface ISubjectTraces
{
    /// <summary>The kind of the traces.</summary>
    SubjectTrace Kind { get; }

    /// <summary>The number of traces that <see cref="ForgetAsync"/> would remove.</summary>
    /// <param name="departure">The faces that are removed.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    Task<int> CountAsync(SubjectDeparture departure, CancellationToken cancellation);

    /// <summary>Removes the traces of faces of a subject. It can be repeated.</summary>
    /// <param name="departure">The faces that are removed.</param>
    /// <param name="cancellation">Cancels the operation. Some traces may be removed by then.</param>
    /// <returns>The number of removed traces.</returns>
    Task<int> ForgetAsync(SubjectDeparture departure, CancellationToken cancellation);
}

/// <summary>Kinds of traces.</summary>
internal enum SubjectTrace
{
    /// <summary>Images that were uploaded to enrol the subject.</summary>
    Picture,

    /// <summary>Aligned faces that the gallery keeps.</summary>
    Crop,

    /// <summary>Pictures on pages about retrainings.</summary>
    Strip,
}

/// <summary>The removal of all faces of a subject, or of some.</summary>
/// <param name="SubjectId">The subject's id.</param>
/// <param name="Until">Faces that were enrolled up to this time are removed.</param>
/// <param name="Former">The record before the removal; null if there is none or it is damaged.</param>
/// <param name="Rest">The record after the removal; null if there is none.</param>
/// <param name="IsDeleted">True if the subject is deleted; false if other faces replace its faces.</param>
internal sealed record SubjectDeparture(string SubjectId, DateTimeOffset Until, SubjectRecord? Former, SubjectRecord? Rest, bool IsDeleted)
{
    /// <summary>The images that the record named before the removal and does not name after it.</summary>
    public IEnumerable<EnrolmentImage> Images =>
        ImagesOf(Former).Except(ImagesOf(Rest)).Select(image => EnrolmentImage.Parse(image, out _)).OfType<EnrolmentImage>();

    /// <summary>The folders of images for retraining that show the subject.</summary>
    public IReadOnlyList<string> Identities =>
    [
        .. (IsDeleted ? (string[])[SubjectId] : []),
        .. Images.Where(image => !image.IsOfSubject).Select(image => TrainingImageName.Parse(image.Blob, out _)?.Identity)
            .OfType<string>().Distinct(),
    ];

    /// <summary>Whether a record names an image.</summary>
    public static bool IsNamed(SubjectRecord? record, EnrolmentImage image) => ImagesOf(record).Contains(image.Name);

    private static IEnumerable<string> ImagesOf(SubjectRecord? record) =>
        record?.Embeddings.Select(face => face.Provenance.Image).Distinct() ?? [];
}
