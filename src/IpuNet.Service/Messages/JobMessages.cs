using System.Text.Json.Serialization;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Service.Messages;

/// <summary>What all messages have: the schema, the trace that they belong to, and where they were forwarded when they were sent.</summary>
public abstract record JobMessage
{
    /// <summary>The schema that this version reads and writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Schema of the written form.</summary>
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>W3C trace context of whoever sent it; null where there is none.</summary>
    public string? Traceparent { get; init; }

    /// <summary>
    /// When it was sent, by the clock of storage, where the service has forwarded it since. It counts in a queue that only the service writes to;
    /// in others it says nothing, and senders leave it null.
    /// </summary>
    public DateTimeOffset? SentAt { get; init; }
}

/// <summary>Images to be recognised; queue <c>face-batches</c>.</summary>
public sealed record FaceBatchMessage : JobMessage
{
    /// <summary>Most images in one message.</summary>
    public const int MaxImages = 32;

    /// <summary>The batch that the results belong to.</summary>
    public required string BatchId { get; init; }

    /// <summary>The gallery that is searched.</summary>
    public required string Gallery { get; init; }

    /// <summary>
    /// The images, as <c>uploads/{batch}/{file}</c>; <see cref="MaxImages"/> at most. A message without any has the batch's report renewed,
    /// and no gallery is needed for it.
    /// </summary>
    public required IReadOnlyList<string> Images { get; init; }

    /// <summary>Where their faces are.</summary>
    public FaceFinding Faces { get; init; } = FaceFinding.Auto;

    /// <summary>
    /// Whether the images were uploaded just now, so that they hardly have a result: the first reader then works on them without looking for
    /// one, which saves a request for each. What it finds when it writes counts all the same.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsNew { get; init; }
}

/// <summary>What an enrolment does.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EnrolmentAction>))]
public enum EnrolmentAction
{
    /// <summary>Adds faces to a subject, or makes it.</summary>
    [JsonStringEnumMemberName("add")]
    Add,

    /// <summary>Puts faces in place of a subject's.</summary>
    [JsonStringEnumMemberName("replace")]
    Replace,

    /// <summary>Removes a subject with every trace.</summary>
    [JsonStringEnumMemberName("delete")]
    Delete,

    /// <summary>Has all subjects of the gallery embedded by the recogniser that is in use, or is to be.</summary>
    [JsonStringEnumMemberName("reembed")]
    Reembed,
}

/// <summary>A change of a gallery; queue <c>enrolments</c>.</summary>
public sealed record EnrolmentMessage : JobMessage
{
    /// <summary>Most images in one message.</summary>
    public const int MaxImages = 32;

    /// <summary>The job; its answer is <c>results/enrolments/{jobId}.json</c>.</summary>
    public required string JobId { get; init; }

    /// <summary>The gallery.</summary>
    public required string Gallery { get; init; }

    /// <summary>The subject; empty where the whole gallery is re-embedded.</summary>
    public string SubjectId
    {
        get;
        // Where a message has none, the reader sets null.
        init => field = value ?? "";
    } = "";

    /// <summary>Whether a re-embedded gallery is ready also where subjects have faces that cannot be embedded.</summary>
    public bool LeaveBehind { get; init; }

    /// <summary>What is done.</summary>
    public required EnrolmentAction Action { get; init; }

    /// <summary>Images of the subject, as <c>uploads/enrolments/...</c> or <c>training/{identity}/{file}</c>; none for a deletion or a re-embedding.</summary>
    public IReadOnlyList<string> Images
    {
        get;
        // Where a message has none, the reader sets null.
        init => field = value ?? [];
    } = [];
}

/// <summary>A wish for a new model; queue <c>retraining</c>.</summary>
public sealed record RetrainingMessage : JobMessage
{
    /// <summary>The job; its answer is <c>results/retraining/{jobId}.json</c>.</summary>
    public required string JobId { get; init; }

    /// <summary>Name of the experiment.</summary>
    public required string Experiment { get; init; }
}

/// <summary>Stands for a message that is too large for a queue.</summary>
public sealed record MessageReference : JobMessage
{
    /// <summary>The blob with the message, as <c>results/{batch}/messages/{sha256}.json</c>.</summary>
    public required string Reference { get; init; }
}
