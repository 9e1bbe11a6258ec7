using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Reembedding;

/// <summary>A gallery as a re-embedding sees it, wherever its subjects are. Many threads use one.</summary>
public interface IReembeddedGallery
{
    /// <summary>What reports call the gallery.</summary>
    string Name { get; }

    /// <summary>Lists the subjects, some at a time.</summary>
    IAsyncEnumerable<IReadOnlyList<ListedSubject>> ListAsync(CancellationToken cancellation);

    /// <summary>Reads a subject.</summary>
    /// <returns>Null where it is gone.</returns>
    Task<ReadSubject?> ReadAsync(string subjectId, CancellationToken cancellation);

    /// <summary>The aligned faces that embeddings of a subject are of, as far as they were kept.</summary>
    /// <exception cref="FaceDataException">What was kept is damaged.</exception>
    Task<IReadOnlyDictionary<SubjectEmbedding, RgbImage>> FindFacesAsync(
        string subjectId, IEnumerable<SubjectEmbedding> faces, CancellationToken cancellation);

    /// <summary>Embeds a face of which no aligned face was kept that the models could take.</summary>
    /// <param name="face">The embedding of the face that there is.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The new embedding; or why there is none, with the way out.</returns>
    Task<(SubjectEmbedding? Made, string? Fault)> EmbedOtherwiseAsync(SubjectEmbedding face, CancellationToken cancellation);

    /// <summary>Writes a record in place of the one that was read.</summary>
    /// <param name="subject">The subject as it was read.</param>
    /// <param name="record">The record.</param>
    /// <param name="faces">How many faces of the subject were embedded, by this run and earlier ones of its job.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The new version; null where somebody changed the subject meanwhile, and nothing was written.</returns>
    Task<string?> TryWriteAsync(ReembeddedSubject subject, SubjectRecord record, int faces, CancellationToken cancellation);

    /// <summary>Notes in the gallery's rules that everybody is embedded by a source, apart from who is left behind knowingly.</summary>
    /// <param name="source">The source.</param>
    /// <param name="alone">Whether embeddings by other sources are no longer there.</param>
    /// <param name="cancellation">Gives up.</param>
    Task NoteAsync(EmbeddingSource source, bool alone, CancellationToken cancellation);
}

/// <summary>A subject as a listing shows it.</summary>
/// <param name="SubjectId">The subject.</param>
/// <param name="Version">What is another after each change.</param>
/// <param name="IsDone">Whether there is nothing left to do.</param>
/// <param name="FacesOfJob">Faces that earlier runs of the same job embedded, as far as that is known.</param>
public sealed record ListedSubject(string SubjectId, string Version, bool IsDone, int FacesOfJob);

/// <summary>A subject as it was read.</summary>
/// <param name="Version">Version of what was read.</param>
/// <param name="Record">The record; null where it is damaged.</param>
/// <param name="Damage">What is wrong with it; null where nothing is.</param>
public sealed record ReadSubject(string Version, SubjectRecord? Record, FaceDataException? Damage);

/// <summary>A subject on its way through a re-embedding.</summary>
/// <param name="Record">The record as it was read.</param>
/// <param name="Version">Version of what was read.</param>
public sealed record ReembeddedSubject(SubjectRecord Record, string Version)
{
    /// <summary>Aligned faces that wait for their embeddings, each with its former one.</summary>
    internal List<(SubjectEmbedding Face, RgbImage Aligned)> Waiting { get; } = [];

    /// <summary>Embeddings that are made.</summary>
    internal List<SubjectEmbedding> Made { get; } = [];

    /// <summary>Why faces cannot be embedded.</summary>
    internal List<string> Faults { get; } = [];
}

/// <summary>What a re-embedding does beside embedding.</summary>
/// <param name="LeaveBehind">Whether the gallery is ready also where subjects have faces that cannot be embedded.</param>
/// <param name="ForgetOthers">Whether embeddings by other models are removed: there is no way back to those then.</param>
/// <param name="Job">
/// What the runs of one job have in common: each counts the faces of the earlier ones, too. Null for a run of its own.
/// </param>
public sealed record ReembeddingWish(bool LeaveBehind = false, bool ForgetOthers = false, string? Job = null);

/// <summary>How far a re-embedding is.</summary>
/// <param name="Subjects">Subjects that are done.</param>
/// <param name="Total">Subjects that there are.</param>
/// <param name="Faces">Faces that this run embedded.</param>
public sealed record ReembeddingProgress(int Subjects, int Total, int Faces);
