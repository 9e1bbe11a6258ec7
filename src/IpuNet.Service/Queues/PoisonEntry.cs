using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Faces;
using IpuNet.Faces.Files;

namespace IpuNet.Service.Queues;

/// <summary>What is known of a message that cannot be handled, as <c>results/poison/{queue}/{messageId}.json</c>; schema 1.</summary>
public sealed record PoisonEntry
{
    /// <summary>Schema of the written form.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>The queue that it came from; "uploads" for an upload that never became a message.</summary>
    public required string Queue { get; init; }

    /// <summary>Its id, unique over all queues: letters, digits and hyphens.</summary>
    public required string MessageId { get; init; }

    /// <summary>One word for metrics, such as "schema".</summary>
    public required string Category { get; init; }

    /// <summary>What is wrong, and the way out.</summary>
    public required string Reason { get; init; }

    /// <summary>How often it was handed out.</summary>
    public long DequeueCount { get; init; }

    /// <summary>When it was sent.</summary>
    public DateTimeOffset? InsertedOn { get; init; }

    /// <summary>When it was given up.</summary>
    public DateTimeOffset PoisonedOn { get; init; }

    /// <summary>The message itself.</summary>
    public required string Body { get; init; }

    /// <summary>The written form, UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, PoisonJson.Default.PoisonEntry);

    /// <summary>Reads an entry.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">What error messages call it.</param>
    /// <exception cref="FaceDataException">It is none.</exception>
    public static PoisonEntry FromJson(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            return StrictJson.Read(json, PoisonJson.Default.PoisonEntry) ?? throw new JsonException("It is null.");
        }
        catch (JsonException error)
        {
            throw new FaceDataException($"{name} is no entry about a message: {error.Message} Delete the blob.", error);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(PoisonEntry))]
internal sealed partial class PoisonJson : JsonSerializerContext;
