using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Faces.Files;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Reports;

/// <summary>How a batch went, as <c>results/{batch}/summary.json</c> says it; schema 1. The same results give the same summary.</summary>
public sealed record BatchSummary
{
    /// <summary>Schema of the written form.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>The batch.</summary>
    public required string BatchId { get; init; }

    /// <summary>How many images there are of each status.</summary>
    public required ImageCounts Images { get; init; }

    /// <summary>How many entries of archives were refused; they are no images of the batch.</summary>
    public int RefusedEntries { get; init; }

    /// <summary>How many faces there are.</summary>
    public required FaceCounts Faces { get; init; }

    /// <summary>What became of each image, by name.</summary>
    public required IReadOnlyList<ImageSummary> Results { get; init; }

    /// <summary>What became of each archive, by name.</summary>
    public required IReadOnlyList<ArchiveSummary> Archives { get; init; }

    /// <summary>Reads a summary.</summary>
    /// <param name="json">UTF-8.</param>
    /// <exception cref="JsonException">It is none.</exception>
    public static BatchSummary FromJson(ReadOnlySpan<byte> json) =>
        StrictJson.Read(json, SummaryJson.Default.BatchSummary) ?? throw new JsonException("The summary is null.");

    /// <summary>The written form, UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, SummaryJson.Default.BatchSummary);

    internal static BatchSummary Of(BatchListing listing)
    {
        BatchEntry[] images = [.. listing.Entries.Where(entry => !entry.IsArchive)];
        BatchEntry[] archives = [.. listing.Entries.Where(entry => entry.IsArchive)];
        int faces = images.Sum(image => image.Result.Faces), known = images.Sum(image => image.Result.Known);
        return new BatchSummary
        {
            BatchId = listing.Batch,
            Images = new ImageCounts(images.Length, Count(ImageStatus.Ok), Count(ImageStatus.NoFace), Count(ImageStatus.Rejected), Count(ImageStatus.Failed)),
            RefusedEntries = archives.Sum(archive => archive.Result.Refused),
            Faces = new FaceCounts(faces, known, faces - known),
            Results =
            [
                .. images.Select(entry =>
                    new ImageSummary(NameOf(entry), entry.Result.Status, entry.Result.Faces, entry.Result.Known)),
            ],
            Archives = [.. archives.Select(entry => new ArchiveSummary(NameOf(entry), entry.Result.Status, entry.Result.Refused))],
        };

        int Count(ImageStatus status) => images.Count(image => image.Result.Status == status);

        string NameOf(BatchEntry entry) => $"{StorageNames.Uploads}/{listing.Batch}/{entry.File}";
    }
}

/// <summary>Numbers of images.</summary>
/// <param name="Total">All.</param>
/// <param name="Ok">With a face at least.</param>
/// <param name="NoFace">Without a face.</param>
/// <param name="Rejected">That are no usable images.</param>
/// <param name="Failed">That could not be read or worked on.</param>
public sealed record ImageCounts(int Total, int Ok, int NoFace, int Rejected, int Failed);

/// <summary>Numbers of faces.</summary>
/// <param name="Total">All.</param>
/// <param name="Known">Of known subjects.</param>
/// <param name="Unknown">Of others.</param>
public sealed record FaceCounts(int Total, int Known, int Unknown);

/// <summary>What became of one upload.</summary>
/// <param name="Image">The upload, as <c>uploads/{batch}/{file}</c>.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Faces">How many faces it has.</param>
/// <param name="Known">How many of them are known.</param>
public sealed record ImageSummary(string Image, ImageStatus Status, int Faces, int Known);

/// <summary>What became of one archive. Its images are among the images.</summary>
/// <param name="Image">The upload, as <c>uploads/{batch}/{file}</c>.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Refused">How many of its entries were refused; its result says which, and why.</param>
public sealed record ArchiveSummary(string Image, ImageStatus Status, int Refused);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(BatchSummary))]
internal sealed partial class SummaryJson : JsonSerializerContext;
