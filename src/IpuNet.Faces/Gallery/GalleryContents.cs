namespace IpuNet.Faces.Gallery;

/// <summary>What a gallery's folder held.</summary>
/// <param name="Subjects">The subjects that could be read, by id.</param>
/// <param name="Failures">One error per file that could not, naming the file and the way out.</param>
public sealed record GalleryContents(IReadOnlyList<SubjectRecord> Subjects, IReadOnlyList<FaceDataException> Failures);
