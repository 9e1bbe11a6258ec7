using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Faces.Files;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Service.Intake;

/// <summary>What became of an archive, as <c>results/{batch}/{file}.zip.json</c> says it; schema 1. Its images have results of their own.</summary>
public sealed record ArchiveAnswer
{
    /// <summary>Schema of the written form.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>The batch that it came in.</summary>
    public required string BatchId { get; init; }

    /// <summary>The upload, as <c>uploads/{batch}/{file}</c>.</summary>
    public required string Image { get; init; }

    /// <summary><see cref="ImageStatus.Ok"/> where one image at least was taken, else <see cref="ImageStatus.Rejected"/>.</summary>
    public required ImageStatus Status { get; init; }

    /// <summary>Why none was taken; null where one was.</summary>
    public string? Reason { get; init; }

    /// <summary>What it holds.</summary>
    public required ArchiveEntries Entries { get; init; }

    /// <summary>Reads an answer.</summary>
    /// <param name="json">UTF-8.</param>
    /// <exception cref="JsonException">It is none.</exception>
    public static ArchiveAnswer FromJson(ReadOnlySpan<byte> json) =>
        StrictJson.Read(json, ArchiveJson.Default.ArchiveAnswer) ?? throw new JsonException("The answer is null.");

    /// <summary>The written form, UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ArchiveJson.Default.ArchiveAnswer);
}

/// <summary>What an archive holds.</summary>
/// <param name="Accepted">How many images were taken.</param>
/// <param name="Skipped">How many folders, hidden files, notes and data were left alone.</param>
/// <param name="Refused">What else was not taken.</param>
public sealed record ArchiveEntries(int Accepted, int Skipped, IReadOnlyList<RefusedEntry> Refused);

/// <summary>An entry that was not taken.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Reason">Why.</param>
public sealed record RefusedEntry(string Name, string Reason);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(ArchiveAnswer))]
internal sealed partial class ArchiveJson : JsonSerializerContext;
