using IpuNet.Faces;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Cli.Enrol;

/// <summary>The answer for one image.</summary>
/// <param name="Image">The image.</param>
/// <param name="SubjectId">Whose it is meant to be.</param>
/// <param name="Refusal">Why it was refused; null where it was accepted, and is in the gallery.</param>
/// <param name="Quality">What was measured; null where there was not one face to measure.</param>
internal sealed record EnrolmentAnswer(string Image, string SubjectId, string? Refusal, EnrolmentQuality? Quality);

/// <summary>Enrols images named <c>{subject}/{file}</c>, a subject at a time: nothing counts as accepted before it is on the disk.</summary>
internal sealed class FolderEnrolment(FolderGallery gallery, EnrolmentJudge judge, bool replace)
{
    private readonly List<EnrolmentAnswer> _answers = [];

    // Faces of the subject in hand, with the places of their answers.
    private readonly List<(int Answer, SubjectEmbedding Embedding)> _accepted = [];

    /// <summary>Judges an image; images of one subject come after each other.</summary>
    public void Add(ImageResult image)
    {
        string subject = image.Name.Contains('/', StringComparison.Ordinal) ? image.Name[..image.Name.IndexOf('/', StringComparison.Ordinal)] : "";
        if (_accepted.Count > 0 && _answers[_accepted[0].Answer].SubjectId != subject)
            Save();
        var (verdict, embedding) = Fault(subject) is { } fault
            ? new JudgedImage(new EnrolmentVerdict(fault, null), null)
            : judge.Judge(image, DateTimeOffset.UtcNow);
        _answers.Add(new EnrolmentAnswer(image.Name, subject, verdict.Refusal, verdict.Quality));
        if (embedding is not null)
            _accepted.Add((_answers.Count - 1, embedding));
    }

    /// <summary>Saves the last subject.</summary>
    /// <returns>The answers for all images, in their order.</returns>
    public IReadOnlyList<EnrolmentAnswer> Finish()
    {
        Save();
        return _answers;
    }

    private static string? Fault(string subject)
    {
        if (subject.Length == 0)
            return "it lies in no subject's folder: move it into one";
        try
        {
            SubjectId.Require(subject);
            return null;
        }
        catch (FaceDataException fault)
        {
            return fault.Message;
        }
    }

    private void Save()
    {
        if (_accepted.Count == 0)
            return;
        string subject = _answers[_accepted[0].Answer].SubjectId;
        try
        {
            if (replace)
                gallery.Save(Enrol(null, subject)!);
            else
                gallery.Update(subject, present => Enrol(present, subject)!);
        }
        catch (FaceDataException fault)
        {
            // The subject is enrolled by other models, or its file is damaged: the other subjects go on.
            foreach (var (answer, _) in _accepted)
                _answers[answer] = _answers[answer] with { Refusal = fault.Message };
        }

        _accepted.Clear();
    }

    private SubjectRecord? Enrol(SubjectRecord? present, string subject) =>
        _accepted.Aggregate(present, (record, face) => SubjectRecord.Enrol(record, subject, face.Embedding));
}
