using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Contract;

namespace IpuNet.Faces.Gallery;

/// <summary>
/// A subject of a gallery with all its enrolled faces; immutable. In storage it is <c>galleries/{gallery}/subjects/{id}.json</c>, schema 1.
/// </summary>
public sealed class SubjectRecord
{
    /// <summary>The schema that this version reads and writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Greatest length of the written form in bytes. A subject with 10,000 faces of 512 numbers each has 30 MB.</summary>
    public const long MaxBytes = 64L << 20;

    /// <summary>Creates a record.</summary>
    /// <param name="subjectId">An id that <see cref="IpuNet.Contract.SubjectId"/> allows.</param>
    /// <param name="embeddings">The embeddings of the enrolled faces, at least one.</param>
    /// <param name="updatedAt">The time of the last change.</param>
    /// <param name="replacedAt">
    /// The time at which all earlier faces were last replaced; null if that never happened or is not known.
    /// </param>
    /// <exception cref="FaceDataException">
    /// The id is not allowed, there is no embedding, an embedding is there twice, or embeddings of one source differ in length.
    /// </exception>
    public SubjectRecord(
        string subjectId, IReadOnlyList<SubjectEmbedding> embeddings, DateTimeOffset updatedAt, DateTimeOffset? replacedAt = null)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        SubjectId = IpuNet.Contract.SubjectId.Require(subjectId);
        if (embeddings.Count == 0)
            throw new FaceDataException($"Subject '{subjectId}' has no embedding: enrol a face, or delete the subject.");
        if (embeddings.Any(face => face is null))
            throw new FaceDataException("An embedding is null.");
        if (
            embeddings.GroupBy(
                face => face.Source).FirstOrDefault(source => source.DistinctBy(face => face.Vector.Length).Skip(1).Any()) is { } mixed)
            throw new FaceDataException(
                $"Embeddings by {mixed.Key} have {string.Join(" and ", mixed.Select(face => face.Vector.Length).Distinct())} numbers.");
        if (embeddings.DistinctBy(face => (face.Source, face.Provenance.Sha256, face.Provenance.Box)).Count() < embeddings.Count)
            throw new FaceDataException("A face is there twice.");
        Embeddings = [.. embeddings];
        UpdatedAt = updatedAt;
        ReplacedAt = replacedAt;
    }

    /// <summary>Schema of the written form.</summary>
    public int Schema { get; } = CurrentSchema;

    /// <summary>The subject's id.</summary>
    public string SubjectId { get; }

    /// <summary>The enrolled faces, oldest first; at least one.</summary>
    public IReadOnlyList<SubjectEmbedding> Embeddings { get; }

    /// <summary>The time of the last change.</summary>
    public DateTimeOffset UpdatedAt { get; }

    /// <summary>
    /// The time at which all earlier faces were last replaced. A face that was sent before this time does not belong to the subject.
    /// </summary>
    /// <value>Null if that never happened or is not known.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ReplacedAt { get; }

    /// <summary>
    /// Enrols one more face. If the face is there already, it takes the later time of enrolment, and nothing else changes. A subject can
    /// have embeddings of several sources; see <see cref="Of"/>.
    /// </summary>
    /// <param name="current">The present record; null for a new subject.</param>
    /// <param name="subjectId">The subject's id.</param>
    /// <param name="embedding">The embedding of the face.</param>
    /// <returns>The new record; <paramref name="current"/> itself if nothing changes.</returns>
    /// <exception cref="FaceDataException">The id is not allowed.</exception>
    public static SubjectRecord Renew(SubjectRecord? current, string subjectId, SubjectEmbedding embedding)
    {
        ArgumentNullException.ThrowIfNull(embedding);
        if (current?.Embeddings.FirstOrDefault(embedding.IsSameFaceAs) is not { } same || same.EnrolledAt >= embedding.EnrolledAt)
            return Add(current, subjectId, embedding);
        var renewed = new SubjectEmbedding(same.Source, same.Vector, same.Provenance, embedding.EnrolledAt);
        var updatedAt = embedding.EnrolledAt > current.UpdatedAt ? embedding.EnrolledAt : current.UpdatedAt;
        return new SubjectRecord(subjectId, [.. current.Embeddings.Where(face => face != same), renewed], updatedAt, current.ReplacedAt);
    }

    /// <summary>Replaces the faces that were enrolled up to a time.</summary>
    /// <param name="current">The present record; null for a new subject.</param>
    /// <param name="subjectId">The subject's id.</param>
    /// <param name="embeddings">The embeddings of the new faces, at least one.</param>
    /// <param name="at">The time.</param>
    /// <exception cref="FaceDataException">The id is not allowed.</exception>
    public static SubjectRecord Replace(
        SubjectRecord? current, string subjectId, IReadOnlyList<SubjectEmbedding> embeddings, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        var rest = current?.EnrolledAfter(at);
        var all = embeddings.Concat(
            rest?.Embeddings ?? []).Aggregate((SubjectRecord?)null, (record, face) => Renew(record, subjectId, face));
        return new SubjectRecord(subjectId, all?.Embeddings ?? [], rest?.UpdatedAt ?? at, at);
    }

    /// <summary>The subject with the embeddings of one source only.</summary>
    /// <returns>The same object if all embeddings are of the source; null if none is.</returns>
    public SubjectRecord? Of(EmbeddingSource source)
    {
        SubjectEmbedding[] faces = [.. Embeddings.Where(face => face.Source == source)];
        return faces.Length == Embeddings.Count ? this : faces.Length == 0 ? null : new SubjectRecord(
            SubjectId, faces, UpdatedAt, ReplacedAt);
    }

    /// <summary>The sources that embedded all faces of the subject.</summary>
    [JsonIgnore]
    public IEnumerable<EmbeddingSource> CompleteSources =>
        Embeddings.Select(face => face.Source).Distinct().Where(source => !FacesWithout(source).Any());

    /// <summary>
    /// The faces that a source has not embedded: for each, the latest embedding of another source. An image shows one face, so faces are
    /// told apart by their images.
    /// </summary>
    public IEnumerable<SubjectEmbedding> FacesWithout(EmbeddingSource source) => Embeddings
        .GroupBy(face => face.Provenance.Sha256, StringComparer.Ordinal)
        .Where(face => face.All(embedding => embedding.Source != source))
        .Select(face => face.Last());

    /// <summary>
    /// The subject with more embeddings of its faces, by another source. Each takes the time of enrolment of its face.
    /// </summary>
    /// <param name="embeddings">The embeddings of one source. Those of faces that the subject no longer has are left out.</param>
    public SubjectRecord Reembedded(IReadOnlyList<SubjectEmbedding> embeddings)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        ILookup<string, SubjectEmbedding> former = Embeddings.ToLookup(face => face.Provenance.Sha256, StringComparer.Ordinal);
        SubjectEmbedding[] added =
        [
            .. embeddings
                .Where(
                    face => former[face.Provenance.Sha256] is { } faces && faces.Any() && faces.All(other => other.Source != face.Source))
                .Select(
                    face => new SubjectEmbedding(
                        face.Source, face.Vector, face.Provenance, former[face.Provenance.Sha256].Max(other => other.EnrolledAt))),
        ];
        return added.Length == 0 ? this : new SubjectRecord(SubjectId, [.. Embeddings, .. added], UpdatedAt, ReplacedAt);
    }

    /// <summary>
    /// The subject with only the embeddings of one source. A face that the source has not embedded keeps its other embeddings.
    /// </summary>
    /// <returns>The same object if there is nothing to leave out.</returns>
    public SubjectRecord WithoutOthers(EmbeddingSource source)
    {
        var embedded = Embeddings.Where(
            face => face.Source == source).Select(face => face.Provenance.Sha256).ToHashSet(StringComparer.Ordinal);
        SubjectEmbedding[] left = [.. Embeddings.Where(face => face.Source == source || !embedded.Contains(face.Provenance.Sha256))];
        return left.Length == Embeddings.Count ? this : new SubjectRecord(SubjectId, left, UpdatedAt, ReplacedAt);
    }

    /// <summary>The subject with only the faces that were enrolled after a time.</summary>
    /// <returns>The same object if all faces were enrolled after it; null if none was.</returns>
    public SubjectRecord? EnrolledAfter(DateTimeOffset time)
    {
        SubjectEmbedding[] later = [.. Embeddings.Where(face => face.EnrolledAt > time)];
        return later.Length == Embeddings.Count ? this : later.Length == 0 ? null : new SubjectRecord(
            SubjectId, later, UpdatedAt, ReplacedAt);
    }

    private static SubjectRecord Add(SubjectRecord? current, string subjectId, SubjectEmbedding embedding)
    {
        if (current is null)
            return new SubjectRecord(subjectId, [embedding], embedding.EnrolledAt);
        if (current.Embeddings.Any(embedding.IsSameFaceAs))
            return current;

        var updatedAt = embedding.EnrolledAt > current.UpdatedAt ? embedding.EnrolledAt : current.UpdatedAt;
        return new SubjectRecord(subjectId, [.. current.Embeddings, embedding], updatedAt, current.ReplacedAt);
    }

    /// <summary>Reads a record.</summary>
    /// <param name="json">The content of the file, UTF-8.</param>
    /// <param name="name">Name for errors: the path or the name of the blob.</param>
    /// <exception cref="FaceDataException">The content is damaged, or has a schema that this version does not know.</exception>
    public static SubjectRecord FromJson(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            // The schema is read first, because nothing else is known about a later schema.
            var schema = StrictJson.Read(json, SubjectJson.Default.SchemaStamp)?.Schema;
            if (schema != CurrentSchema)
                throw new FaceDataException(
                    $"it has schema {schema?.ToString() ?? "null"}, but this version of IpuNet knows schema {CurrentSchema} only.");
            return StrictJson.Read(json, SubjectJson.Default.SubjectRecord)!;
        }
        catch (Exception error) when (error is JsonException or FaceDataException)
        {
            throw new FaceDataException(
                $"{name} is not a usable subject: {error.Message} Restore the file, or delete it and enrol the subject again.", error);
        }
    }

    /// <summary>
    /// Overwrites the vectors with zeros. This record and all records with the same embeddings cannot be used afterwards.
    /// </summary>
    public void Overwrite()
    {
        foreach (var embedding in Embeddings)
            embedding.Overwrite();
    }

    /// <summary>The written form, UTF-8.</summary>
    public byte[] ToJson() => StrictJson.Write(this, SubjectJson.Default.SubjectRecord);
}
