using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Faces;
using IpuNet.Faces.Files;

namespace IpuNet.Service.Retraining;

/// <summary>What became of a training.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RetrainingStatus>))]
public enum RetrainingStatus
{
    /// <summary>The candidate is in use.</summary>
    [JsonStringEnumMemberName("promoted")]
    Promoted,

    /// <summary>The model in use stays so: the candidate is not better.</summary>
    [JsonStringEnumMemberName("kept")]
    Kept,

    /// <summary>Nothing was trained, and nothing will be without another job or other images.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>It failed each time; sent again, it may succeed.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>The answer to a retraining, as <c>results/retraining/{jobId}.json</c>; schema 1. It names nobody.</summary>
public sealed record RetrainingAnswer
{
    /// <summary>Schema of the written form.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>The job.</summary>
    public required string JobId { get; init; }

    /// <summary>What became of it.</summary>
    public required RetrainingStatus Status { get; init; }

    /// <summary>Why, with the figures that decided it, and the way out.</summary>
    public string? Reason { get; init; }

    /// <summary>Name of the experiment; null where the message could not be read.</summary>
    public string? Experiment { get; init; }

    /// <summary>The enhancer that it was trained from, "name@version"; null where it was trained from scratch, or not at all.</summary>
    public string? From { get; init; }

    /// <summary>The model that came of it, "name@version"; null where none did.</summary>
    public string? Candidate { get; init; }

    /// <summary>When the job was sent, by the clock of storage.</summary>
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>When the training began, wherever it went on later; null where it did not.</summary>
    public DateTimeOffset? StartedOn { get; init; }

    /// <summary>When it was done.</summary>
    public required DateTimeOffset FinishedOn { get; init; }

    /// <summary>What it had to learn from; null where that was not looked at.</summary>
    public RetrainingData? Data { get; init; }

    /// <summary>How many steps the candidate was trained for, in all places together.</summary>
    public int Steps { get; init; }

    /// <summary>How the candidate compares with the model in use, by set and resolution band; none where they were not compared.</summary>
    public IReadOnlyList<RetrainedBand> Bands
    {
        get;
        // Where an answer has none, the reader sets null.
        init => field = value ?? [];
    } = [];

    /// <summary>Reads an answer.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">What error messages call it: its path or blob name.</param>
    /// <exception cref="FaceDataException">It is no answer.</exception>
    public static RetrainingAnswer FromJson(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            return StrictJson.Read(json, RetrainingJson.Default.RetrainingAnswer) ?? throw new JsonException("It is null.");
        }
        catch (JsonException error)
        {
            throw new FaceDataException($"{name} is no usable answer: {error.Message} Send the job again.", error);
        }
    }

    /// <summary>The written form, UTF-8. All figures have to be finite: JSON has no other numbers.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RetrainingJson.Default.RetrainingAnswer);
}

/// <summary>What a training had to learn from.</summary>
/// <param name="Images">Images that could be used.</param>
/// <param name="Identities">People on them.</param>
/// <param name="Faces">Faces that were learnt from or evaluated with.</param>
/// <param name="Duplicates">Faces that were left out because there was the same one already.</param>
/// <param name="Refused">Images that could not be used, by category.</param>
public sealed record RetrainingData(int Images, int Identities, int Faces, int Duplicates, IReadOnlyDictionary<string, int> Refused);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n", RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RetrainingAnswer))]
[JsonSerializable(typeof(RetrainingState))]
internal sealed partial class RetrainingJson : JsonSerializerContext;
