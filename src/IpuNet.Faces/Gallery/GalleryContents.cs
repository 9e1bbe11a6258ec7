using IpuNet.Contract;

namespace IpuNet.Faces.Gallery;

/// <summary>What a gallery's folder held.</summary>
/// <param name="Subjects">The subjects that could be read, by id.</param>
/// <param name="Failures">One error per file that could not, naming the file and the way out.</param>
public sealed record GalleryContents(IReadOnlyList<SubjectRecord> Subjects, IReadOnlyList<FaceDataException> Failures)
{
    /// <summary>The subjects whose embeddings have another length than most of the same source: no search finds those.</summary>
    /// <returns>One error for each, naming the subject and the way out.</returns>
    public IReadOnlyList<FaceDataException> OddLengths()
    {
        var usual = Subjects.SelectMany(LengthsOf).GroupBy(face => face.Source)
            .ToDictionary(faces => faces.Key, faces => faces.CountBy(face => face.Length).MaxBy(length => length.Value).Key);
        return
        [
            .. Subjects.SelectMany(
                subject => LengthsOf(subject).Where(face => face.Length != usual[face.Source]).Select(face => new FaceDataException(
                $"The subject '{subject.SubjectId}' has embeddings of {face.Length} numbers, others by {face.Source} have "
                + $"{usual[face.Source]}: it is not found. Enrol it again."))),
        ];
    }

    private static IEnumerable<(EmbeddingSource Source, int Length)> LengthsOf(SubjectRecord subject) =>
        subject.Embeddings.Select(face => (face.Source, face.Vector.Length)).Distinct();
}
