using System.Text.Json.Serialization;
using IpuNet.Contract;

namespace IpuNet.Faces.Gallery;

/// <summary>
/// The rules of a gallery: the sources with which it can be searched. They are in <c>gallery.json</c>, schema 1, beside the subjects, in a
/// folder or in storage. The file also makes the place a gallery. Immutable.
/// </summary>
public sealed record GalleryRules
{
    /// <summary>Schema of the written form.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>The time at which the gallery was made; null if it is not known.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>
    /// The sources that embedded the subjects, latest last. Every face has an embedding of each source. The exceptions are subjects that a
    /// re-embedding left behind on purpose, and subjects that a worker with other models enrolled later. Null in galleries of earlier
    /// versions, which take the sources of their subjects.
    /// </summary>
    public IReadOnlyList<EmbeddingSource>? Sources { get; init; }

    /// <summary>Whether the rules name a source. If they do, the subjects need not be read.</summary>
    public bool Names(EmbeddingSource source) => Sources?.Contains(source) == true;

    /// <summary>Whether the gallery can be searched with embeddings of a source. A gallery without subjects can.</summary>
    /// <param name="source">The source.</param>
    /// <param name="ofSubjects">The sources of the subjects, needed if the rules do not name the source; null if there are none.</param>
    public bool IsReadyFor(EmbeddingSource source, IReadOnlyCollection<EmbeddingSource>? ofSubjects) =>
        Names(source) || ofSubjects is null || (Sources is null && ofSubjects.Contains(source));

    /// <summary>The rules after the gallery has taken embeddings of a source. It takes a source that it can be searched with.</summary>
    /// <param name="source">The source.</param>
    /// <param name="ofSubjects">The sources of the subjects, needed if the rules do not name the source; null if there are none.</param>
    /// <returns>The new rules; the same object if nothing changes; null if the gallery does not take the source.</returns>
    public GalleryRules? Taking(EmbeddingSource source, IReadOnlyCollection<EmbeddingSource>? ofSubjects)
    {
        if (!IsReadyFor(source, ofSubjects))
            return null;
        // A gallery without subjects gets the source of its first subject.
        return ofSubjects is null && !Names(source) ? this with { Sources = [source] } : this;
    }

    /// <summary>The rules after a re-embedding, when all subjects have embeddings of a source or were left behind on purpose.</summary>
    /// <param name="source">The source.</param>
    /// <param name="alone">Whether the embeddings of other sources were removed.</param>
    /// <param name="ofSubjects">The sources of the subjects, needed if the rules name no sources; null if there are no subjects.</param>
    public GalleryRules AfterReembedding(EmbeddingSource source, bool alone, IReadOnlyCollection<EmbeddingSource>? ofSubjects)
    {
        IEnumerable<EmbeddingSource> former = alone ? [] : Sources ?? ofSubjects ?? [];
        return this with { Sources = [.. former.Where(other => other != source), source] };
    }

    /// <summary>Whether a source is the latest. If not, a face with an embedding of this source needs one of the latest, too.</summary>
    public bool IsLatest(EmbeddingSource source) => Sources is not [.., var latest] || latest == source;

    /// <summary>Makes the error that a gallery is not embedded by a source.</summary>
    /// <param name="gallery">Name of the gallery in the message.</param>
    /// <param name="source">The source.</param>
    /// <param name="remedy">The way out, as the end of a sentence.</param>
    public FaceDataException RefusalOf(string gallery, EmbeddingSource source, string remedy)
    {
        string present = Sources is { Count: > 0 } sources ? $"embedded by {string.Join(" and by ", sources)}, not" : "not embedded";
        return new FaceDataException($"{gallery} is {present} by {source}. Embeddings of different sources cannot be compared: {remedy}.");
    }

    /// <summary>Reads rules.</summary>
    /// <param name="json">The content of the file, UTF-8.</param>
    /// <param name="name">Name for errors: the path or the name of the blob.</param>
    /// <exception cref="FaceDataException">The content is damaged.</exception>
    public static GalleryRules FromJson(ReadOnlySpan<byte> json, string name) =>
        StrictJson.Require(json, GalleryRulesJson.Default.GalleryRules, $"{name} is damaged", "Write {\"schema\":1} into it.");

    /// <summary>The written form, UTF-8.</summary>
    public byte[] ToJson() => StrictJson.Write(this, GalleryRulesJson.Default.GalleryRules);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(GalleryRules))]
internal sealed partial class GalleryRulesJson : JsonSerializerContext;
