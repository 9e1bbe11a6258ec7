using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Reembedding;

/// <summary>The subjects of a gallery, in a folder or in storage, for a re-embedding. Implementations are thread-safe.</summary>
public interface IReembeddedGallery
{
    /// <summary>Name of the gallery in reports.</summary>
    string Name { get; }

    /// <summary>Lists the subjects, page by page.</summary>
    IAsyncEnumerable<IReadOnlyList<ListedSubject>> ListAsync(CancellationToken cancellation);

    /// <summary>Reads a subject.</summary>
    /// <returns>The subject; null if it is gone.</returns>
    Task<ReadSubject?> ReadAsync(string subjectId, CancellationToken cancellation);

    /// <summary>Finds the aligned faces of embeddings of a subject. Those that were not kept are left out.</summary>
    /// <exception cref="FaceDataException">A kept face is damaged.</exception>
    Task<IReadOnlyDictionary<SubjectEmbedding, RgbImage>> FindFacesAsync(
        string subjectId, IEnumerable<SubjectEmbedding> faces, CancellationToken cancellation);

    /// <summary>Embeds a face if there is no aligned face for the new models.</summary>
    /// <param name="face">The present embedding of the face.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The new embedding, or the reason why there is none, with the way out.</returns>
    Task<(SubjectEmbedding? Made, string? Fault)> EmbedOtherwiseAsync(SubjectEmbedding face, CancellationToken cancellation);

    /// <summary>Replaces the record that was read.</summary>
    /// <param name="subject">The subject as it was read.</param>
    /// <param name="record">The new record.</param>
    /// <param name="faces">Number of faces of the subject that this run and earlier runs of the same job embedded.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The new version; null if another writer changed the subject meanwhile, and nothing was written.</returns>
    Task<string?> TryWriteAsync(ReembeddedSubject subject, SubjectRecord record, int faces, CancellationToken cancellation);

    /// <summary>
    /// Notes in the rules of the gallery that all subjects have embeddings of a source. Subjects that were left behind on purpose do not
    /// count.
    /// </summary>
    /// <param name="source">The source.</param>
    /// <param name="alone">Whether the embeddings of other sources were removed.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    Task NoteAsync(EmbeddingSource source, bool alone, CancellationToken cancellation);
}

/// <summary>A subject in a listing.</summary>
/// <param name="SubjectId">The subject's id.</param>
/// <param name="Version">Version of the subject. It differs after each change.</param>
/// <param name="IsDone">Whether the subject needs no more work.</param>
/// <param name="FacesOfJob">Number of faces that earlier runs of the same job embedded; 0 if it is not known.</param>
public sealed record ListedSubject(string SubjectId, string Version, bool IsDone, int FacesOfJob);

/// <summary>A subject as it was read.</summary>
/// <param name="Version">Version of the subject that was read.</param>
/// <param name="Record">The record; null if it is damaged.</param>
/// <param name="Damage">The error if the record is damaged; otherwise null.</param>
public sealed record ReadSubject(string Version, SubjectRecord? Record, FaceDataException? Damage);

/// <summary>A subject on its way through a re-embedding.</summary>
/// <param name="Record">The record as it was read.</param>
/// <param name="Version">Version of the record that was read.</param>
public sealed record ReembeddedSubject(SubjectRecord Record, string Version)
{
    /// <summary>Aligned faces that wait for their new embeddings, each with its present embedding.</summary>
    internal List<(SubjectEmbedding Face, RgbImage Aligned)> Waiting { get; } = [];

    /// <summary>The new embeddings.</summary>
    internal List<SubjectEmbedding> Made { get; } = [];

    /// <summary>The reasons why faces cannot be embedded.</summary>
    internal List<string> Faults { get; } = [];
}

/// <summary>Options of a re-embedding.</summary>
/// <param name="LeaveBehind">Whether the gallery becomes ready even if some faces cannot be embedded.</param>
/// <param name="ForgetOthers">Whether the embeddings of other sources are removed. Then there is no way back to those models.</param>
/// <param name="Job">
/// Id of the job. A run also counts the faces that earlier runs of the same job embedded. Null for a run without a job.
/// </param>
public sealed record ReembeddingRequest(bool LeaveBehind = false, bool ForgetOthers = false, string? Job = null);

/// <summary>The progress of a re-embedding.</summary>
/// <param name="Subjects">Number of subjects that are done.</param>
/// <param name="Total">Number of all subjects.</param>
/// <param name="Faces">Number of faces that this run embedded.</param>
public sealed record ReembeddingProgress(int Subjects, int Total, int Faces);
