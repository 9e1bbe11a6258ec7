using System.Text.Json.Serialization;

namespace IpuNet.Contract;

/// <summary>The poison entry of a message that cannot be handled, as <c>results/poison/{queue}/{messageId}.json</c>; schema 1.</summary>
public sealed record PoisonEntry
{
    /// <summary>The schema version.</summary>
    [JsonRequired]
    public int Schema { get; init; } = JobMessage.CurrentSchema;

    /// <summary>The queue of the message; "uploads" for an upload that never became a message.</summary>
    public required string Queue { get; init; }

    /// <summary>The message's id, unique over all queues: letters, digits and hyphens.</summary>
    public required string MessageId { get; init; }

    /// <summary>One word for metrics, such as "schema".</summary>
    public required string Category { get; init; }

    /// <summary>What is wrong, and the way out.</summary>
    public required string Reason { get; init; }

    /// <summary>How often the message was delivered.</summary>
    public long DequeueCount { get; init; }

    /// <summary>When the message was sent.</summary>
    public DateTimeOffset? InsertedOn { get; init; }

    /// <summary>When the message went to poison.</summary>
    public DateTimeOffset PoisonedOn { get; init; }

    /// <summary>The message itself.</summary>
    public required string Body { get; init; }

    /// <summary>Writes the JSON, UTF-8.</summary>
    public byte[] ToJson() => StrictJson.Write(this, PoisonJson.Default.PoisonEntry);

    /// <summary>Reads an entry.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">The blob name, for error messages.</param>
    /// <exception cref="FaceDataException">The JSON is not a valid poison entry.</exception>
    public static PoisonEntry FromJson(ReadOnlySpan<byte> json, string name) =>
        StrictJson.Require(json, PoisonJson.Default.PoisonEntry, $"{name} is not a valid poison entry", "Delete the blob.");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(PoisonEntry))]
internal sealed partial class PoisonJson : JsonSerializerContext;
