using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Faces;
using IpuNet.Faces.Files;
using IpuNet.Faces.Gallery;

namespace IpuNet.Service.Galleries;

/// <summary>What makes a folder a gallery: <c>galleries/{gallery}/gallery.json</c>; schema 1.</summary>
internal sealed record GalleryMarker
{
    public int Schema { get; init; } = 1;

    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>What the subjects are embedded by, latest last: each of these has an embedding of every face, apart from subjects that a
    /// re-embedding left behind knowingly and those that were enrolled since by a worker with other models. Null in galleries of earlier versions.</summary>
    public IReadOnlyList<EmbeddingSource>? Sources { get; init; }
}

/// <summary>What changes with the gallery: <c>galleries/{gallery}/index/stamp.json</c>; schema 1.</summary>
internal sealed record GalleryStamp
{
    public int Schema { get; init; } = 1;

    public required DateTimeOffset ChangedAt { get; init; }
}

/// <summary>What is left of a deleted subject: <c>galleries/{gallery}/deleted/{sha256}.json</c>; schema 1.</summary>
internal sealed record Tombstone
{
    public int Schema { get; init; } = 1;

    public required DateTimeOffset DeletedAt { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(GalleryMarker))]
[JsonSerializable(typeof(GalleryStamp))]
[JsonSerializable(typeof(Tombstone))]
internal sealed partial class GalleryJson : JsonSerializerContext
{
    public static byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, typeof(T), Default);

    /// <exception cref="FaceDataException">It is damaged.</exception>
    public static Tombstone ReadTombstone(BinaryData json, string name)
    {
        try
        {
            return StrictJson.Read(json, Default.Tombstone) ?? throw new JsonException("It is null.");
        }
        catch (JsonException error)
        {
            throw new FaceDataException($"{name} is damaged: {error.Message} Delete the blob, and the subject once more.", error);
        }
    }
}
