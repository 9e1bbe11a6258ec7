using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using IpuNet.Faces.Files;

namespace IpuNet.Service.Messages;

/// <summary>Reads and writes messages: JSON, camelCase, strict.</summary>
public static class JobSerializer
{
    /// <summary>The written form, UTF-8.</summary>
    public static byte[] Write<T>(T message)
        where T : JobMessage => JsonSerializer.SerializeToUtf8Bytes(message, TypeInfo<T>());

    /// <summary>Reads a message.</summary>
    /// <param name="json">UTF-8.</param>
    /// <exception cref="JobRefusedException">It is no message of this kind, or of a schema that this version does not know.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json)
        where T : JobMessage
    {
        try
        {
            // The schema is read first and alone: of a later one, nothing else is known.
            int? schema = StrictJson.Read(json, JobMessageJson.Default.MessageStamp)?.Schema;
            if (schema != JobMessage.CurrentSchema)
                throw new JobRefusedException("schema", $"The message has schema {schema?.ToString() ?? "null"}, and this version knows schema {JobMessage.CurrentSchema} only. Update IpuNet, or send the job again in that form.");
            return StrictJson.Read(json, TypeInfo<T>()) ?? throw new JsonException("it is null");
        }
        catch (JsonException error)
        {
            throw new JobRefusedException("json", $"The message is no {typeof(T).Name}: {error.Message}", error);
        }
    }

    /// <summary>Whether a message stands for another.</summary>
    public static bool IsReference(ReadOnlySpan<byte> json) => Stamp(json)?.Reference is not null;

    /// <summary>The trace that a message belongs to; null where it names none, or is no message.</summary>
    public static string? Traceparent(ReadOnlySpan<byte> json) => Stamp(json)?.Traceparent;

    /// <summary>When a message says that it was sent; null where it does not say so, or is no message.</summary>
    public static DateTimeOffset? SentAt(ReadOnlySpan<byte> json) => Stamp(json)?.SentAt;

    /// <summary>The id of a job, whatever else is wrong with it; null where it names none, or is no message.</summary>
    public static string? JobIdOf(ReadOnlySpan<byte> json) => TryRead(json, JobMessageJson.Default.JobStamp)?.JobId;

    private static MessageStamp? Stamp(ReadOnlySpan<byte> json) => TryRead(json, JobMessageJson.Default.MessageStamp);

    private static T? TryRead<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return StrictJson.Read(json, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)JobMessageJson.Default.GetTypeInfo(typeof(T))!;
}
