using System.Text.Json.Serialization;
using IpuNet.Contract;

namespace IpuNet.Faces.Gallery;

/// <summary>
/// What makes a gallery of a place, and says by which models it can be searched: <c>gallery.json</c>, schema 1, beside its subjects, in a
/// folder as in storage. Immutable.
/// </summary>
public sealed record GalleryRules
{
    /// <summary>Schema of the written form.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>When the gallery was made; null where that is not known.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>What the subjects are embedded by, latest last: each of these has an embedding of every face, apart from subjects that a
    /// re-embedding left behind knowingly and those that were enrolled since by a worker with other models. Null in galleries of earlier
    /// versions: those are embedded by what their subjects are.</summary>
    public IReadOnlyList<EmbeddingSource>? Sources { get; init; }

    /// <summary>Whether the rules name a source, so that nobody has to look at subjects.</summary>
    public bool Names(EmbeddingSource source) => Sources?.Contains(source) == true;

    /// <summary>Whether the gallery can be searched by what makes embeddings of a source; one without subjects can.</summary>
    /// <param name="source">The source.</param>
    /// <param name="ofSubjects">What subjects are embedded by, for what the rules do not name; null where there is no subject.</param>
    public bool IsReadyFor(EmbeddingSource source, IReadOnlyCollection<EmbeddingSource>? ofSubjects) =>
        Names(source) || ofSubjects is null || (Sources is null && ofSubjects.Contains(source));

    /// <summary>The rules once the gallery has taken embeddings of a source: it takes those that it can be searched with.</summary>
    /// <param name="source">The source.</param>
    /// <param name="ofSubjects">What subjects are embedded by, for what the rules do not name; null where there is no subject.</param>
    /// <returns>These rules themselves where nothing changes; null where the gallery does not take them.</returns>
    public GalleryRules? Taking(EmbeddingSource source, IReadOnlyCollection<EmbeddingSource>? ofSubjects)
    {
        if (!IsReadyFor(source, ofSubjects))
            return null;
        // Of a gallery without subjects, the rules are those of its first.
        return ofSubjects is null && !Names(source) ? this with { Sources = [source] } : this;
    }

    /// <summary>The rules once every subject is embedded by a source, apart from those that are left behind knowingly.</summary>
    /// <param name="source">The source.</param>
    /// <param name="alone">Whether embeddings by other sources are no longer there.</param>
    /// <param name="ofSubjects">What subjects are embedded by, for what the rules do not name; null where there is no subject.</param>
    public GalleryRules AfterReembedding(EmbeddingSource source, bool alone, IReadOnlyCollection<EmbeddingSource>? ofSubjects)
    {
        IEnumerable<EmbeddingSource> former = alone ? [] : Sources ?? ofSubjects ?? [];
        return this with { Sources = [.. former.Where(other => other != source), source] };
    }

    /// <summary>Whether this source is the latest. If not, a face that it has embedded must be embedded by the latest, too.</summary>
    public bool IsLatest(EmbeddingSource source) => Sources is not [.., var latest] || latest == source;

    /// <summary>The error that a gallery is not embedded by a source.</summary>
    /// <param name="gallery">What the message calls the gallery.</param>
    /// <param name="source">The source.</param>
    /// <param name="remedy">What can be done, as the end of a sentence.</param>
    public FaceDataException RefusalOf(string gallery, EmbeddingSource source, string remedy)
    {
        string present = Sources is { Count: > 0 } sources ? $"embedded by {string.Join(" and by ", sources)}, not" : "not embedded";
        return new FaceDataException($"{gallery} is {present} by {source}. Embeddings of different sources cannot be compared: {remedy}.");
    }

    /// <summary>Reads rules.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">What error messages call it: its path or blob name.</param>
    /// <exception cref="FaceDataException">It is damaged.</exception>
    public static GalleryRules FromJson(ReadOnlySpan<byte> json, string name) =>
        StrictJson.Require(json, GalleryRulesJson.Default.GalleryRules, $"{name} is damaged", "Write {\"schema\":1} into it.");

    /// <summary>The written form, UTF-8.</summary>
    public byte[] ToJson() => StrictJson.Write(this, GalleryRulesJson.Default.GalleryRules);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(GalleryRules))]
internal sealed partial class GalleryRulesJson : JsonSerializerContext;
