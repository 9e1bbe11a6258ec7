using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using IpuNet.Contract;

namespace IpuNet.Service.Galleries;

/// <summary>The stamp, which changes with each change of the gallery: <c>galleries/{gallery}/index/stamp.json</c>; schema 1.</summary>
internal sealed record GalleryStamp
{
    public int Schema { get; init; } = 1;

    public required DateTimeOffset ChangedAt { get; init; }
}

/// <summary>The tombstone of a deleted subject: <c>galleries/{gallery}/deleted/{sha256}.json</c>; schema 1.</summary>
internal sealed record Tombstone
{
    public int Schema { get; init; } = 1;

    public required DateTimeOffset DeletedAt { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(GalleryStamp))]
[JsonSerializable(typeof(Tombstone))]
internal sealed partial class GalleryJson : JsonSerializerContext
{
    public static byte[] Write<T>(T value) => StrictJson.Write(value, (JsonTypeInfo<T>)Default.GetTypeInfo(typeof(T))!);

    /// <exception cref="FaceDataException">The tombstone is damaged.</exception>
    public static Tombstone ReadTombstone(BinaryData json, string name) =>
        StrictJson.Require(json, Default.Tombstone, $"{name} is damaged", "Delete the blob, and then delete the subject again.");
}
