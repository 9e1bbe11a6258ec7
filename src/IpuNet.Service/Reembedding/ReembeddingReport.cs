namespace IpuNet.Service.Reembedding;

/// <summary>What a re-embedding does beside embedding.</summary>
/// <param name="LeaveBehind">Whether the gallery is ready also where subjects have faces that cannot be embedded.</param>
/// <param name="ForgetOthers">Whether embeddings by other models are removed: there is no way back to those then.</param>
/// <param name="Job">What the runs of one job have in common: each counts the faces of the earlier ones, too. Null for a run of its own.</param>
public sealed record ReembeddingWish(bool LeaveBehind = false, bool ForgetOthers = false, string? Job = null);

/// <summary>What became of the re-embedding of a gallery. It holds no embedding.</summary>
public sealed record ReembeddingReport
{
    /// <summary>The gallery.</summary>
    public required string Gallery { get; init; }

    /// <summary>Id of the recogniser.</summary>
    public required string Recogniser { get; init; }

    /// <summary>Ids of what finds and aligns faces.</summary>
    public required string Alignment { get; init; }

    /// <summary>How many subjects the gallery has.</summary>
    public required int Subjects { get; init; }

    /// <summary>How many faces all runs of the job embedded. Where it is no job's, those of earlier runs are not among them.</summary>
    public required int Faces { get; init; }

    /// <summary>Whether the gallery can be searched with the recogniser by now.</summary>
    public required bool IsReady { get; init; }

    /// <summary>Subjects that have faces which cannot be embedded: with the recogniser they are not found, or by their other faces only.</summary>
    public required IReadOnlyList<LeftSubject> LeftBehind { get; init; }
}

/// <summary>A subject with faces that could not be embedded.</summary>
/// <param name="SubjectId">The subject.</param>
/// <param name="Reason">Why, fit for the user.</param>
public sealed record LeftSubject(string SubjectId, string Reason);

/// <summary>How far a re-embedding is.</summary>
/// <param name="Subjects">Subjects that are done.</param>
/// <param name="Total">Subjects that there are.</param>
/// <param name="Faces">Faces that this run embedded.</param>
public sealed record ReembeddingProgress(int Subjects, int Total, int Faces);
