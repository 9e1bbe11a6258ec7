using System.Text.Json;
using System.Text.Json.Serialization;

namespace IpuNet.Faces.Gallery;

/// <summary>A subject of a gallery with all enrolled faces; immutable. Written it is <c>galleries/{gallery}/subjects/{id}.json</c>, schema 1.</summary>
public sealed class SubjectRecord
{
    /// <summary>The schema that this version reads and writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Creates a record.</summary>
    /// <param name="subjectId">An id that <see cref="Gallery.SubjectId"/> allows.</param>
    /// <param name="embeddings">At least one enrolled face.</param>
    /// <param name="updatedAt">When the subject last changed.</param>
    /// <param name="replacedAt">When all faces that there were before were last replaced; null where that never was, or is not known.</param>
    /// <exception cref="FaceDataException">The id is not allowed, or there is no embedding.</exception>
    public SubjectRecord(string subjectId, IReadOnlyList<SubjectEmbedding> embeddings, DateTimeOffset updatedAt, DateTimeOffset? replacedAt = null)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        SubjectId = Gallery.SubjectId.Require(subjectId);
        if (embeddings.Count == 0)
            throw new FaceDataException($"Subject '{subjectId}' has no embedding: enrol a face, or delete the subject.");
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

    /// <summary>When the subject last changed.</summary>
    public DateTimeOffset UpdatedAt { get; }

    /// <summary>When all faces that there were before were last replaced: faces sent before belong to the subject no longer.</summary>
    /// <value>Null where that never was, or is not known.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ReplacedAt { get; }

    /// <summary>Enrols one more face. A face that is there already (same image, box and models) changes nothing, so doing it twice is doing it once.</summary>
    /// <param name="current">The subject as it is; null for a new one.</param>
    /// <param name="subjectId">The subject's id.</param>
    /// <param name="embedding">The face.</param>
    /// <returns><paramref name="current"/> itself where the face was there already.</returns>
    /// <exception cref="FaceDataException">The subject's faces were embedded by other models, or the id is not allowed.</exception>
    public static SubjectRecord Enrol(SubjectRecord? current, string subjectId, SubjectEmbedding embedding)
    {
        ArgumentNullException.ThrowIfNull(embedding);
        if (current is null)
            return new SubjectRecord(subjectId, [embedding], embedding.EnrolledAt);
        if (current.Embeddings.Any(embedding.IsSameFaceAs))
            return current;

        current.Embeddings[0].Source.RequireSame(embedding.Source);
        var updatedAt = embedding.EnrolledAt > current.UpdatedAt ? embedding.EnrolledAt : current.UpdatedAt;
        return new SubjectRecord(subjectId, [.. current.Embeddings, embedding], updatedAt, current.ReplacedAt);
    }

    /// <summary>Enrols one more face. One that is there already counts as enrolled when this one is, where that is later, and changes nothing else.</summary>
    /// <inheritdoc cref="Enrol"/>
    public static SubjectRecord Renew(SubjectRecord? current, string subjectId, SubjectEmbedding embedding)
    {
        ArgumentNullException.ThrowIfNull(embedding);
        if (current?.Embeddings.FirstOrDefault(embedding.IsSameFaceAs) is not { } same || same.EnrolledAt >= embedding.EnrolledAt)
            return Enrol(current, subjectId, embedding);
        var renewed = new SubjectEmbedding(same.Source, same.Vector, same.Provenance, embedding.EnrolledAt);
        var updatedAt = embedding.EnrolledAt > current.UpdatedAt ? embedding.EnrolledAt : current.UpdatedAt;
        return new SubjectRecord(subjectId, [.. current.Embeddings.Where(face => face != same), renewed], updatedAt, current.ReplacedAt);
    }

    /// <summary>Enrols faces in place of those that were enrolled up to a time.</summary>
    /// <param name="current">The subject as it is; null for a new one.</param>
    /// <param name="subjectId">The subject's id.</param>
    /// <param name="embeddings">At least one face.</param>
    /// <param name="at">The time.</param>
    /// <exception cref="FaceDataException">Faces that stay were embedded by other models, or the id is not allowed.</exception>
    public static SubjectRecord Replace(SubjectRecord? current, string subjectId, IReadOnlyList<SubjectEmbedding> embeddings, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        var rest = current?.EnrolledAfter(at);
        var all = embeddings.Concat(rest?.Embeddings ?? []).Aggregate((SubjectRecord?)null, (record, face) => Enrol(record, subjectId, face));
        return new SubjectRecord(subjectId, all?.Embeddings ?? [], rest?.UpdatedAt ?? at, at);
    }

    /// <summary>The subject without the faces that were enrolled up to a time.</summary>
    /// <returns>The subject itself where there are none of those; null where there are no others.</returns>
    public SubjectRecord? EnrolledAfter(DateTimeOffset time)
    {
        SubjectEmbedding[] later = [.. Embeddings.Where(face => face.EnrolledAt > time)];
        return later.Length == Embeddings.Count ? this : later.Length == 0 ? null : new SubjectRecord(SubjectId, later, UpdatedAt, ReplacedAt);
    }

    /// <summary>Reads a record.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">What error messages call it: its path or blob name.</param>
    /// <exception cref="FaceDataException">It is damaged, or of a schema that this version does not know.</exception>
    public static SubjectRecord FromJson(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            // The schema is read first and alone: of a later one, nothing else is known.
            var schema = JsonSerializer.Deserialize(json, SubjectJson.Default.SchemaStamp)?.Schema;
            if (schema != CurrentSchema)
                throw new FaceDataException($"it has schema {schema?.ToString() ?? "null"}, and this version of IpuNet knows schema {CurrentSchema} only");
            return JsonSerializer.Deserialize(json, SubjectJson.Default.SubjectRecord)!;
        }
        catch (Exception error) when (error is JsonException or FaceDataException)
        {
            throw new FaceDataException(
                $"{name} is not a usable subject: {error.Message} Restore the file, or delete it and enrol the subject again.", error);
        }
    }

    /// <summary>The written form, UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, SubjectJson.Default.SubjectRecord);
}
