using System.Text.Json;
using System.Text.Json.Serialization;

namespace IpuNet.Contract;

/// <summary>
/// The result of an archive, as <c>results/{batch}/{file}.zip.json</c>; schema 1. Each accepted image has its own result.
/// </summary>
public sealed record ArchiveAnswer
{
    /// <summary>The schema version.</summary>
    [JsonRequired]
    public int Schema { get; init; } = JobMessage.CurrentSchema;

    /// <summary>The batch of the archive.</summary>
    [BatchId]
    public required string BatchId { get; init; }

    /// <summary>The upload, as <c>uploads/{batch}/{file}</c>.</summary>
    public required string Image { get; init; }

    /// <summary><see cref="ImageStatus.Ok"/> if at least one image was accepted; otherwise <see cref="ImageStatus.Rejected"/>.</summary>
    public required ImageStatus Status { get; init; }

    /// <summary>Why no image was accepted, and the way out; null if at least one was.</summary>
    public string? Reason { get; init; }

    /// <summary>The entries of the archive.</summary>
    public required ArchiveEntries Entries { get; init; }

    /// <summary>Reads a result.</summary>
    /// <param name="json">UTF-8.</param>
    /// <exception cref="JsonException">The JSON is not a valid result of an archive.</exception>
    public static ArchiveAnswer FromJson(ReadOnlySpan<byte> json) =>
        StrictJson.Read(json, ArchiveJson.Default.ArchiveAnswer) ?? throw new JsonException("The result is null.");

    /// <summary>Writes the JSON, UTF-8.</summary>
    public byte[] ToJson() => StrictJson.Write(this, ArchiveJson.Default.ArchiveAnswer);
}

/// <summary>The entries of an archive.</summary>
/// <param name="Accepted">The number of accepted images.</param>
/// <param name="Skipped">The number of folders, hidden files, notes and data files, which are skipped.</param>
/// <param name="Refused">The refused entries.</param>
public sealed record ArchiveEntries(int Accepted, int Skipped, IReadOnlyList<RefusedEntry> Refused);

/// <summary>An entry that was refused.</summary>
/// <param name="Name">The entry's name.</param>
/// <param name="Reason">Why it was refused, and the way out.</param>
public sealed record RefusedEntry(string Name, string Reason);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(ArchiveAnswer))]
internal sealed partial class ArchiveJson : JsonSerializerContext;
