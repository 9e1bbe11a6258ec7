using IpuNet.Contract;

namespace IpuNet.Faces.Gallery;

/// <summary>All subjects of a gallery, as they were read.</summary>
/// <param name="Subjects">The readable subjects, by id.</param>
/// <param name="Failures">One error for each unreadable subject. It names the file and the way out.</param>
public sealed record GalleryContents(IReadOnlyList<SubjectRecord> Subjects, IReadOnlyList<FaceDataException> Failures)
{
    /// <summary>
    /// Finds the subjects whose embeddings have another length than most embeddings of the same source. No search finds such a subject.
    /// </summary>
    /// <returns>One error for each. It names the subject and the way out.</returns>
    public IReadOnlyList<FaceDataException> OddLengths()
    {
        var usual = Subjects.SelectMany(LengthsOf).GroupBy(face => face.Source)
            .ToDictionary(faces => faces.Key, faces => faces.CountBy(face => face.Length).MaxBy(length => length.Value).Key);
        return
        [
            .. Subjects.SelectMany(
                subject => LengthsOf(subject).Where(face => face.Length != usual[face.Source]).Select(face => new FaceDataException(
                $"The subject '{subject.SubjectId}' has embeddings of {face.Length} numbers, others by {face.Source} have "
                + $"{usual[face.Source]}. It is not found: enrol it again."))),
        ];
    }

    private static IEnumerable<(EmbeddingSource Source, int Length)> LengthsOf(SubjectRecord subject) =>
        subject.Embeddings.Select(face => (face.Source, face.Vector.Length)).Distinct();
}
