using System.Text.Json.Serialization;

namespace IpuNet.Contract;

/// <summary>The outcome of a retraining job.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RetrainingStatus>))]
public enum RetrainingStatus
{
    /// <summary>The candidate was promoted and is in use.</summary>
    [JsonStringEnumMemberName("promoted")]
    Promoted,

    /// <summary>The model in use was kept: the candidate is not better.</summary>
    [JsonStringEnumMemberName("kept")]
    Kept,

    /// <summary>There was no training. The same job would be refused again with the same images.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>Every attempt failed. The job may succeed if it is sent again.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>The answer to a retraining job, as <c>results/retraining/{jobId}.json</c>; schema 1. It contains no name of a person.</summary>
public sealed record RetrainingAnswer
{
    /// <summary>The schema version.</summary>
    [JsonRequired]
    public int Schema { get; init; } = JobMessage.CurrentSchema;

    /// <summary>The job.</summary>
    [BatchId]
    public required string JobId { get; init; }

    /// <summary>The outcome.</summary>
    public required RetrainingStatus Status { get; init; }

    /// <summary>The reason, with the figures that decided, and the way out.</summary>
    public string? Reason { get; init; }

    /// <summary>The name of the experiment; null if the message could not be read.</summary>
    [ExperimentName]
    public string? Experiment { get; init; }

    /// <summary>The enhancer that the training started from, "name@version"; null if it started from scratch or did not start.</summary>
    public string? From { get; init; }

    /// <summary>The candidate, "name@version"; null if there is none.</summary>
    public string? Candidate { get; init; }

    /// <summary>When the job was sent, by the storage clock.</summary>
    public required DateTimeOffset SentAt { get; init; }

    /// <summary>When the training began, even if another machine continued it; null if it did not begin.</summary>
    public DateTimeOffset? StartedOn { get; init; }

    /// <summary>When the job was done.</summary>
    public required DateTimeOffset FinishedOn { get; init; }

    /// <summary>The training data; null if it was not looked at.</summary>
    public RetrainingData? Data { get; init; }

    /// <summary>The number of steps that the candidate was trained for, over all machines.</summary>
    public int Steps { get; init; }

    /// <summary>
    /// The comparison of the candidate with the model in use, by set and resolution band; empty if they were not compared.
    /// </summary>
    public IReadOnlyList<RetrainedBand> Bands
    {
        get;
        // The reader sets null if the answer has no bands.
        init => field = value ?? [];
    } = [];

    /// <summary>Reads an answer.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">The path or blob name, for error messages.</param>
    /// <exception cref="FaceDataException">The JSON is not a valid answer.</exception>
    public static RetrainingAnswer FromJson(ReadOnlySpan<byte> json, string name) =>
        StrictJson.Require(json, RetrainingJson.Default.RetrainingAnswer, $"{name} is not a valid answer", "Send the job again.");

    /// <summary>Writes the JSON, UTF-8. All figures must be finite: JSON has no other numbers.</summary>
    public byte[] ToJson() => StrictJson.Write(this, RetrainingJson.Default.RetrainingAnswer);
}

/// <summary>The data of a training.</summary>
/// <param name="Images">The number of usable images.</param>
/// <param name="Identities">The number of people in these images.</param>
/// <param name="Faces">The number of faces that were learnt from or evaluated with.</param>
/// <param name="Duplicates">The number of faces that were skipped as duplicates.</param>
/// <param name="Refused">The number of images that could not be used, by category.</param>
public sealed record RetrainingData(int Images, int Identities, int Faces, int Duplicates, IReadOnlyDictionary<string, int> Refused);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n", RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RetrainingAnswer))]
internal sealed partial class RetrainingJson : JsonSerializerContext;

/// <summary>The set that a candidate is evaluated with.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EvaluationSet>))]
public enum EvaluationSet
{
    /// <summary>People that the candidate did not learn from; another selection each time.</summary>
    [JsonStringEnumMemberName("held-out")]
    HeldOut,

    /// <summary>The same people each time.</summary>
    [JsonStringEnumMemberName("fixed")]
    Fixed,
}

/// <summary>The verdict of a comparison with the model in use.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BandVerdict>))]
public enum BandVerdict
{
    /// <summary>Better, beyond the confidence interval.</summary>
    [JsonStringEnumMemberName("better")]
    Better,

    /// <summary>No measurable difference.</summary>
    [JsonStringEnumMemberName("same")]
    Same,

    /// <summary>Worse, beyond the confidence interval.</summary>
    [JsonStringEnumMemberName("worse")]
    Worse,
}

/// <summary>The comparison of a candidate with the model in use, in one resolution band.</summary>
/// <param name="Set">The evaluation set.</param>
/// <param name="Band">The band, such as "12-19".</param>
/// <param name="Probes">The number of probes.</param>
/// <param name="Current">The figures of the model in use.</param>
/// <param name="Candidate">The figures of the candidate.</param>
/// <param name="TarGain">The candidate's gain in TAR.</param>
/// <param name="AucGain">The candidate's gain in AUC.</param>
/// <param name="Verdict">The verdict.</param>
public sealed record RetrainedBand(
    EvaluationSet Set, [property: BandName] string Band, int Probes, BandFigures Current, BandFigures Candidate, Gain TarGain,
    Gain AucGain, BandVerdict Verdict);

/// <summary>The figures of a model in one band.</summary>
/// <param name="Enhance">Whether super-resolution is used in the band.</param>
/// <param name="Tar">True accept rate at the policy's FAR, 0 to 1.</param>
/// <param name="Auc">Area under the curve, 0 to 1.</param>
public sealed record BandFigures(bool Enhance, [property: Between(0, 1)] double Tar, [property: Between(0, 1)] double Auc);

/// <summary>A difference with its confidence interval.</summary>
/// <param name="Value">The difference, candidate minus current.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end.</param>
public sealed record Gain(double Value, double Low, double High);
