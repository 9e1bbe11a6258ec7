using System.Text.Json;
using System.Text.Json.Serialization;

namespace IpuNet.Contract;

/// <summary>The summary of a batch, as <c>results/{batch}/summary.json</c>; schema 1. The same results give the same summary.</summary>
public sealed record BatchSummary
{
    /// <summary>The schema version.</summary>
    [JsonRequired]
    public int Schema { get; init; } = JobMessage.CurrentSchema;

    /// <summary>The batch.</summary>
    [BatchId]
    public required string BatchId { get; init; }

    /// <summary>The number of images of each status.</summary>
    public required ImageCounts Images { get; init; }

    /// <summary>The number of refused archive entries. They do not count as images of the batch.</summary>
    public int RefusedEntries { get; init; }

    /// <summary>The number of faces.</summary>
    public required FaceCounts Faces { get; init; }

    /// <summary>The outcome of each image, sorted by name.</summary>
    public required IReadOnlyList<ImageSummary> Results { get; init; }

    /// <summary>The outcome of each archive, sorted by name.</summary>
    public required IReadOnlyList<ArchiveSummary> Archives { get; init; }

    /// <summary>Reads a summary.</summary>
    /// <param name="json">UTF-8.</param>
    /// <exception cref="JsonException">The JSON is not a valid summary.</exception>
    public static BatchSummary FromJson(ReadOnlySpan<byte> json) =>
        StrictJson.Read(json, SummaryJson.Default.BatchSummary) ?? throw new JsonException("The summary is null.");

    /// <summary>Writes the JSON, UTF-8.</summary>
    public byte[] ToJson() => StrictJson.Write(this, SummaryJson.Default.BatchSummary);
}

/// <summary>The numbers of images.</summary>
/// <param name="Total">The total.</param>
/// <param name="Ok">Images with at least one face.</param>
/// <param name="NoFace">Images without a face.</param>
/// <param name="Rejected">Images that cannot be used.</param>
/// <param name="Failed">Images that could not be read or processed.</param>
public sealed record ImageCounts(int Total, int Ok, int NoFace, int Rejected, int Failed);

/// <summary>The numbers of faces.</summary>
/// <param name="Total">The total.</param>
/// <param name="Known">Faces of known subjects.</param>
/// <param name="Unknown">Faces that were not recognised.</param>
public sealed record FaceCounts(int Total, int Known, int Unknown);

/// <summary>The outcome of one image.</summary>
/// <param name="Image">The upload, as <c>uploads/{batch}/{file}</c>.</param>
/// <param name="Status">The outcome.</param>
/// <param name="Faces">The number of faces.</param>
/// <param name="Known">The number of faces of known subjects.</param>
public sealed record ImageSummary(string Image, ImageStatus Status, int Faces, int Known);

/// <summary>The outcome of one archive. Its images are listed among the images.</summary>
/// <param name="Image">The upload, as <c>uploads/{batch}/{file}</c>.</param>
/// <param name="Status">The outcome.</param>
/// <param name="Refused">The number of refused entries. The archive's result names them and gives the reasons.</param>
public sealed record ArchiveSummary(string Image, ImageStatus Status, int Refused);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(BatchSummary))]
internal sealed partial class SummaryJson : JsonSerializerContext;
