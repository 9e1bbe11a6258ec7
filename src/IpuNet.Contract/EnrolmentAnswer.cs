using System.Text.Json.Serialization;

namespace IpuNet.Contract;

/// <summary>The outcome of an enrolment job.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EnrolmentStatus>))]
public enum EnrolmentStatus
{
    /// <summary>At least one image was accepted, or the deletion is done.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>Nothing changed. The same job would be refused again.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>Every attempt failed, and some may have changed the gallery in part. The job may succeed if it is sent again.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>The answer to an enrolment job, as <c>results/enrolments/{jobId}.json</c>; schema 1. It contains no embedding.</summary>
public sealed record EnrolmentAnswer
{
    /// <summary>The schema version.</summary>
    [JsonRequired]
    public int Schema { get; init; } = JobMessage.CurrentSchema;

    /// <summary>The job.</summary>
    [BatchId]
    public required string JobId { get; init; }

    /// <summary>The gallery; null if the message could not be read.</summary>
    [GalleryName]
    public string? Gallery { get; init; }

    /// <summary>The subject; null if the message could not be read.</summary>
    [SubjectId]
    public string? SubjectId { get; init; }

    /// <summary>The action of the job; null if the message could not be read.</summary>
    public EnrolmentAction? Action { get; init; }

    /// <summary>The outcome.</summary>
    public required EnrolmentStatus Status { get; init; }

    /// <summary>Why nothing changed, and the way out; null if the gallery changed.</summary>
    public string? Reason { get; init; }

    /// <summary>The outcome of each image, in the message's order; empty if no image was judged.</summary>
    public IReadOnlyList<EnrolledImage> Images { get; init; } = [];

    /// <summary>The number of embeddings that the subject has now; null if nothing changed.</summary>
    public int? Embeddings { get; init; }

    /// <summary>The traces that a deletion removed; null for other actions.</summary>
    public RemovedSubject? Removed { get; init; }

    /// <summary>The outcome of a re-embedding; null for other actions.</summary>
    public ReembeddingReport? Reembedded { get; init; }

    /// <summary>When the job was sent, by the storage clock.</summary>
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>When the job was done.</summary>
    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>Reads an answer.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">The path or blob name, for error messages.</param>
    /// <exception cref="FaceDataException">The JSON is not a valid answer.</exception>
    public static EnrolmentAnswer FromJson(ReadOnlySpan<byte> json, string name) =>
        StrictJson.Require(json, EnrolmentJson.Default.EnrolmentAnswer, $"{name} is not a valid answer", "Send the job again.");

    /// <summary>Writes the JSON, UTF-8.</summary>
    public byte[] ToJson() => StrictJson.Write(this, EnrolmentJson.Default.EnrolmentAnswer);
}

/// <summary>The outcome of one image.</summary>
/// <param name="Image">The image, as the message names it.</param>
/// <param name="Accepted">Whether the face was enrolled.</param>
/// <param name="Reason">Why the face was not enrolled, in words for the user; null if it was.</param>
/// <param name="Quality">The measured quality; null unless the image has exactly one face.</param>
public sealed record EnrolledImage(string Image, bool Accepted, string? Reason, EnrolmentQuality? Quality);

/// <summary>The traces that a deletion removed, over all its attempts.</summary>
/// <param name="Embeddings">The number of embeddings; null if the record was damaged and was removed unread.</param>
/// <param name="Pictures">The number of pictures that were uploaded to enrol the subject.</param>
/// <param name="TrainingImages">
/// The training images that the subject was enrolled from. They are not removed; the person who put them there has to delete them.
/// </param>
/// <param name="Crops">The number of aligned faces that the gallery kept.</param>
/// <param name="Strips">The number of pictures in retraining reports.</param>
public sealed record RemovedSubject(int? Embeddings, int Pictures, IReadOnlyList<string> TrainingImages, int Crops = 0, int Strips = 0)
{
    /// <summary>
    /// Combines this attempt with an earlier one. An attempt finds only what the earlier one left, so the larger number of each counts.
    /// </summary>
    public RemovedSubject With(RemovedSubject before)
    {
        ArgumentNullException.ThrowIfNull(before);
        return new RemovedSubject(
            Embeddings is { } now && before.Embeddings is { } then ? Math.Max(now, then) : null,
            Math.Max(Pictures, before.Pictures),
            [.. before.TrainingImages.Union(TrainingImages, StringComparer.Ordinal)],
            Math.Max(Crops, before.Crops),
            Math.Max(Strips, before.Strips));
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n", RespectNullableAnnotations = true)]
[JsonSerializable(typeof(EnrolmentAnswer))]
internal sealed partial class EnrolmentJson : JsonSerializerContext;

/// <summary>The quality of a face for enrolment.</summary>
/// <param name="FaceHeight">Height of the face box in the source image, pixels.</param>
/// <param name="Sharpness">Sharpness of the aligned face, at least 0: the variance of its Laplacian.</param>
public sealed record EnrolmentQuality([property: NotNegative] float FaceHeight, [property: NotNegative] float Sharpness);

/// <summary>The outcome of a gallery's re-embedding. It contains no embedding.</summary>
public sealed record ReembeddingReport
{
    /// <summary>The gallery.</summary>
    [GalleryName]
    public required string Gallery { get; init; }

    /// <summary>The id of the recogniser.</summary>
    public required string Recogniser { get; init; }

    /// <summary>The ids of the models that find and align faces.</summary>
    public required string Alignment { get; init; }

    /// <summary>The number of subjects in the gallery.</summary>
    public required int Subjects { get; init; }

    /// <summary>
    /// The number of faces that were embedded in all runs of the job. A re-embedding without a job counts only its own run.
    /// </summary>
    public required int Faces { get; init; }

    /// <summary>Whether the gallery can now be searched with the recogniser.</summary>
    public required bool IsReady { get; init; }

    /// <summary>
    /// The subjects with faces that cannot be embedded. The recogniser finds these subjects by their other faces only, or not at all.
    /// </summary>
    public required IReadOnlyList<LeftSubject> LeftBehind { get; init; }
}

/// <summary>A subject with faces that could not be embedded.</summary>
/// <param name="SubjectId">The subject.</param>
/// <param name="Reason">Why, in words for the user.</param>
public sealed record LeftSubject([property: SubjectId] string SubjectId, string Reason);
