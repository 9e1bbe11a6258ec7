using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace IpuNet.Contract;

/// <summary>
/// The members that all messages have: the schema, the trace, and the time of sending if the service forwarded the message.
/// </summary>
public abstract record JobMessage
{
    /// <summary>The only schema version that this program reads and writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The schema version.</summary>
    [JsonRequired]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The sender's W3C trace context; null if there is none.</summary>
    public string? Traceparent { get; init; }

    /// <summary>
    /// When the message was first sent, by the storage clock. The service sets it when it forwards a message. It counts only in a queue
    /// that only the service writes to. Other senders leave it null.
    /// </summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>Checks what the types of the members do not express. The published schemas state the same rules.</summary>
    /// <exception cref="JobRefusedException">The message breaks a rule. Another attempt cannot help.</exception>
    internal abstract void Check();

    /// <exception cref="JobRefusedException">The id breaks the rule.</exception>
    private protected static void CheckJob(string jobId)
    {
        if (BatchId.FaultOf(jobId) is { } fault)
            throw new JobRefusedException("name", $"The job's id {fault}. {BatchId.Rule}");
    }

    /// <exception cref="JobRefusedException">The name breaks the rule.</exception>
    private protected static void CheckGallery(string gallery)
    {
        if (GalleryName.FaultOf(gallery) is { } fault)
            throw new JobRefusedException("gallery", $"The gallery's name {fault}. {GalleryName.Rule}");
    }
}

/// <summary>Images to be recognised; queue <c>face-batches</c>.</summary>
public sealed record FaceBatchMessage : JobMessage
{
    /// <summary>The maximum number of images in one message.</summary>
    public const int MaxImages = 32;

    /// <summary>The batch that the results belong to.</summary>
    [BatchId]
    public required string BatchId { get; init; }

    /// <summary>The gallery that is searched.</summary>
    [GalleryName]
    public required string Gallery { get; init; }

    /// <summary>
    /// The images, as <c>uploads/{batch}/{file}</c>; at most <see cref="MaxImages"/>. A message without images renews the batch's report
    /// and searches no gallery.
    /// </summary>
    [AtMost(MaxImages)]
    public required IReadOnlyList<string> Images { get; init; }

    /// <summary>How the faces are found.</summary>
    public FaceDetectionMode Faces { get; init; } = FaceDetectionMode.Auto;

    /// <summary>
    /// Whether the images are so new that they can hardly have a result. The first delivery then skips the search for a result, which saves
    /// one request per image. The check at writing still holds.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsNew { get; init; }

    internal override void Check()
    {
        if (Contract.BatchId.FaultOf(BatchId) is { } fault)
            throw new JobRefusedException("name", $"The batch's name {fault}. {Contract.BatchId.Rule}");
        if (Images.Count > MaxImages)
            throw new JobRefusedException("size", $"The message has {Images.Count} images; at most {MaxImages} are allowed.");
        CheckGallery(Gallery);
    }
}

/// <summary>The action of an enrolment job.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EnrolmentAction>))]
public enum EnrolmentAction
{
    /// <summary>Adds faces to a subject. Creates the subject if needed.</summary>
    [JsonStringEnumMemberName("add")]
    Add,

    /// <summary>Replaces the faces of a subject.</summary>
    [JsonStringEnumMemberName("replace")]
    Replace,

    /// <summary>Removes a subject with all traces.</summary>
    [JsonStringEnumMemberName("delete")]
    Delete,

    /// <summary>Embeds all subjects of the gallery with the recogniser in use, or with the one that is to replace it.</summary>
    [JsonStringEnumMemberName("reembed")]
    Reembed,
}

/// <summary>An enrolment job, which changes a gallery; queue <c>enrolments</c>.</summary>
public sealed record EnrolmentMessage : JobMessage
{
    /// <summary>The maximum number of images in one message.</summary>
    public const int MaxImages = 32;

    /// <summary>The id of the job. The answer is <c>results/enrolments/{jobId}.json</c>.</summary>
    [BatchId]
    public required string JobId { get; init; }

    /// <summary>The gallery.</summary>
    [GalleryName]
    public required string Gallery { get; init; }

    /// <summary>The subject; empty for a re-embedding of the whole gallery.</summary>
    public string SubjectId
    {
        get;
        // The reader sets null if the message has none.
        init => field = value ?? "";
    } = "";

    /// <summary>Whether a re-embedded gallery counts as ready although some faces cannot be embedded.</summary>
    public bool LeaveBehind { get; init; }

    /// <summary>Whether the largest face of an image with several is enrolled. Otherwise such an image is refused.</summary>
    public bool Largest { get; init; }

    /// <summary>The action.</summary>
    public required EnrolmentAction Action { get; init; }

    /// <summary>
    /// Images of the subject, as <c>uploads/enrolments/...</c> or <c>training/{identity}/{file}</c>; none for a deletion or a re-embedding.
    /// </summary>
    [AtMost(MaxImages)]
    public IReadOnlyList<string> Images
    {
        get;
        // The reader sets null if the message has none.
        init => field = value ?? [];
    } = [];

    /// <summary>Whether an action is about one subject. Its message must name the subject; that of another action must not.</summary>
    internal static bool NeedsSubject(EnrolmentAction action) => action != EnrolmentAction.Reembed;

    /// <summary>Whether an action enrols images. Its message must have at least one; that of another action must have none.</summary>
    internal static bool NeedsImages(EnrolmentAction action) => action is EnrolmentAction.Add or EnrolmentAction.Replace;

    internal override void Check()
    {
        CheckJob(JobId);
        CheckGallery(Gallery);
        if (!NeedsSubject(Action) && SubjectId.Length > 0)
            throw new JobRefusedException("subject", "A re-embedding covers all subjects of the gallery. Leave out the subject's id.");
        if (NeedsSubject(Action) && Contract.SubjectId.FaultOf(SubjectId) is { } fault)
            throw new JobRefusedException("subject", $"The subject's id cannot be used: {fault}. {Contract.SubjectId.Rule}");
        if (NeedsImages(Action) ? Images.Count is 0 or > MaxImages : Images.Count > 0)
            throw new JobRefusedException(
                "size",
                $"The message has {Images.Count} images. A deletion or a re-embedding takes none, other actions take 1 to {MaxImages}.");
    }
}

/// <summary>A retraining job; queue <c>retraining</c>.</summary>
public sealed record RetrainingMessage : JobMessage
{
    /// <summary>The id of the job. The answer is <c>results/retraining/{jobId}.json</c>.</summary>
    [BatchId]
    public required string JobId { get; init; }

    /// <summary>The name of the experiment.</summary>
    [ExperimentName]
    public required string Experiment { get; init; }

    internal override void Check()
    {
        CheckJob(JobId);
        if (ExperimentName.FaultOf(Experiment) is { } fault)
            throw new JobRefusedException("experiment", $"The experiment's name {fault}. {ExperimentName.Rule}");
    }
}

/// <summary>A reference to a message that is too large for a queue.</summary>
public sealed partial record MessageReference : JobMessage
{
    internal const string SchemaPattern = $"^{Form}$";

    private const string Form = $@"{StorageNames.Results}/[^/\\]{{1,128}}/messages/[0-9a-f]{{64}}\.json";

    /// <summary>The blob that holds the message, as <c>results/{batch}/messages/{sha256}.json</c>.</summary>
    [StoredMessage]
    public required string Reference { get; init; }

    // A message is not trusted: it must not make the service read any blob but a stored message.
    internal override void Check()
    {
        if (!Pattern().IsMatch(Reference))
            throw new JobRefusedException(
                "reference",
                $"The message's reference is invalid. It must have the form {StorageNames.Results}/BATCH/messages/SHA256.json.");
    }

    [GeneratedRegex($@"\A{Form}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(FaceBatchMessage))]
[JsonSerializable(typeof(EnrolmentMessage))]
[JsonSerializable(typeof(RetrainingMessage))]
[JsonSerializable(typeof(MessageReference))]
[JsonSerializable(typeof(MessageStamp))]
[JsonSerializable(typeof(JobStamp))]
internal sealed partial class JobMessageJson : JsonSerializerContext;

/// <summary>The members that are read before the message itself.</summary>
internal sealed record MessageStamp(int? Schema, string? Reference, string? Traceparent, DateTimeOffset? SentAt);

/// <summary>The id of a job whose message cannot be read, so that the job still gets an answer.</summary>
internal sealed record JobStamp(string? JobId);
