using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace IpuNet.Contract;

/// <summary>Reads and writes messages: JSON, camelCase, strict.</summary>
public static class JobSerializer
{
    /// <summary>Writes the JSON, UTF-8.</summary>
    public static byte[] Write<T>(T message)
        where T : JobMessage => StrictJson.Write(message, TypeInfo<T>());

    /// <summary>Reads a message.</summary>
    /// <param name="json">UTF-8.</param>
    /// <exception cref="JobRefusedException">
    /// The JSON is not a valid message of this type, or its schema is unknown to this version. Another attempt cannot help.
    /// </exception>
    public static T Read<T>(ReadOnlySpan<byte> json)
        where T : JobMessage
    {
        try
        {
            // The schema is read first and alone, because nothing else is known about a later schema.
            int? schema = StrictJson.Read(json, JobMessageJson.Default.MessageStamp)?.Schema;
            if (schema != JobMessage.CurrentSchema)
                throw new JobRefusedException(
                    "schema",
                    $"The message has schema {schema?.ToString() ?? "null"}, and this version knows schema {JobMessage.CurrentSchema} "
                    + "only. Update IpuNet, or send the job again in that form.");
            T message = StrictJson.Read(json, TypeInfo<T>()) ?? throw new JsonException("it is null");
            message.Check();
            return message;
        }
        catch (JsonException error)
        {
            throw new JobRefusedException("json", $"The message is not a valid {typeof(T).Name}: {error.Message}", error);
        }
    }

    /// <summary>Whether a message is a <see cref="MessageReference"/>.</summary>
    public static bool IsReference(ReadOnlySpan<byte> json) => Stamp(json)?.Reference is not null;

    /// <summary>The trace of a message; null if it has none or is not a valid message.</summary>
    public static string? Traceparent(ReadOnlySpan<byte> json) => Stamp(json)?.Traceparent;

    /// <summary>The time of sending that a message states; null if it states none or is not a valid message.</summary>
    public static DateTimeOffset? SentAt(ReadOnlySpan<byte> json) => Stamp(json)?.SentAt;

    /// <summary>The id of a job, even if the rest of the message is invalid; null if there is no readable id.</summary>
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

/// <summary>A job that cannot succeed as it is. It goes to poison at once.</summary>
/// <param name="category">One word for metrics, such as "schema".</param>
/// <param name="reason">What is wrong and the way out, for the sender; without personal data.</param>
/// <param name="inner">The underlying error, if any.</param>
public sealed class JobRefusedException(string category, string reason, Exception? inner = null) : Exception(reason, inner)
{
    /// <summary>One word for metrics.</summary>
    public string Category { get; } = category;
}
