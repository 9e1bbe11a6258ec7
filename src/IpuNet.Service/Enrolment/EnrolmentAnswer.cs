using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Faces;
using IpuNet.Faces.Files;
using IpuNet.Faces.Gallery;
using IpuNet.Service.Galleries;
using IpuNet.Service.Messages;
using IpuNet.Service.Reembedding;

namespace IpuNet.Service.Enrolment;

/// <summary>What became of a job.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EnrolmentStatus>))]
public enum EnrolmentStatus
{
    /// <summary>At least one image was accepted, or the deletion is done.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>Nothing changed, and nothing will without another job.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>It failed each time, in part perhaps; sent again, it may succeed.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>The answer to an enrolment, as <c>results/enrolments/{jobId}.json</c>; schema 1. It holds no embedding.</summary>
public sealed record EnrolmentAnswer
{
    /// <summary>Schema of the written form.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>The job.</summary>
    public required string JobId { get; init; }

    /// <summary>The gallery; null where the message could not be read.</summary>
    public string? Gallery { get; init; }

    /// <summary>The subject; null where the message could not be read.</summary>
    public string? SubjectId { get; init; }

    /// <summary>What was asked for; null where the message could not be read.</summary>
    public EnrolmentAction? Action { get; init; }

    /// <summary>What became of it.</summary>
    public required EnrolmentStatus Status { get; init; }

    /// <summary>Why nothing changed, and the way out; null where something did.</summary>
    public string? Reason { get; init; }

    /// <summary>What became of each image, in the message's order; none where none was looked at.</summary>
    public IReadOnlyList<EnrolledImage> Images { get; init; } = [];

    /// <summary>How many embeddings the subject has now; null where nothing changed.</summary>
    public int? Embeddings { get; init; }

    /// <summary>What a deletion removed; null for other actions.</summary>
    public RemovedSubject? Removed { get; init; }

    /// <summary>What became of a re-embedding; null for other actions.</summary>
    public ReembeddingReport? Reembedded { get; init; }

    /// <summary>When the job was sent, by the clock of storage.</summary>
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>When it was done.</summary>
    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>Reads an answer.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">What error messages call it: its path or blob name.</param>
    /// <exception cref="FaceDataException">It is no answer.</exception>
    public static EnrolmentAnswer FromJson(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            return StrictJson.Read(json, EnrolmentJson.Default.EnrolmentAnswer) ?? throw new JsonException("It is null.");
        }
        catch (JsonException error)
        {
            throw new FaceDataException($"{name} is no usable answer: {error.Message} Send the job again.", error);
        }
    }

    /// <summary>The written form, UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, EnrolmentJson.Default.EnrolmentAnswer);
}

/// <summary>What became of an image.</summary>
/// <param name="Image">The image, as the message names it.</param>
/// <param name="Accepted">Whether its face is enrolled.</param>
/// <param name="Reason">Why it is not, fit for the user; null where it is.</param>
/// <param name="Quality">What was measured; null where there was not one face to measure.</param>
public sealed record EnrolledImage(string Image, bool Accepted, string? Reason, EnrolmentQuality? Quality);

/// <summary>What a deletion removed, at all attempts at it together.</summary>
/// <param name="Embeddings">How many embeddings; null where the record was damaged, and removed as it was.</param>
/// <param name="Pictures">How many pictures that were uploaded to enrol the subject.</param>
/// <param name="TrainingImages">Images for retraining that the subject was enrolled from: they are still there, and theirs to delete who put them there.</param>
/// <param name="Crops">How many aligned faces that the gallery kept.</param>
/// <param name="Strips">How many pictures on pages about retrainings.</param>
public sealed record RemovedSubject(int? Embeddings, int Pictures, IReadOnlyList<string> TrainingImages, int Crops = 0, int Strips = 0)
{
    internal static RemovedSubject Of(SubjectRemoval removal) =>
        new(removal.Embeddings, removal.Pictures, removal.TrainingImages, removal.Crops, removal.Strips);

    /// <summary>The same with what an earlier attempt set out to remove: of that, this one found what was left.</summary>
    internal RemovedSubject With(RemovedSubject before) => new(
        Embeddings is { } now && before.Embeddings is { } then ? Math.Max(now, then) : null,
        Math.Max(Pictures, before.Pictures),
        [.. before.TrainingImages.Union(TrainingImages, StringComparer.Ordinal)],
        Math.Max(Crops, before.Crops),
        Math.Max(Strips, before.Strips));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n", RespectNullableAnnotations = true)]
[JsonSerializable(typeof(EnrolmentAnswer))]
[JsonSerializable(typeof(RemovedSubject))]
internal sealed partial class EnrolmentJson : JsonSerializerContext;
