using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Contract;

namespace IpuNet.Service.Retraining;

/// <summary>
/// The starting state of a training, as <c>results/retraining/{jobId}/state.json</c>. Another machine continues the same training with it.
/// </summary>
public sealed record RetrainingState
{
    /// <summary>The only schema version that this program reads and writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The schema version.</summary>
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The job.</summary>
    public required string JobId { get; init; }

    /// <summary>The name of the experiment.</summary>
    public required string Experiment { get; init; }

    /// <summary>When the training started. Later images are not used.</summary>
    public required DateTimeOffset StartedOn { get; init; }

    /// <summary>The enhancer that the training starts from, "name@version"; null if it starts from scratch.</summary>
    public string? From { get; init; }

    /// <summary>The revision of <c>models/current.json</c> at the start; 0 if there was none.</summary>
    public required int BaseRevision { get; init; }

    /// <summary>The candidate, "name@version".</summary>
    public required string Candidate { get; init; }

    /// <summary>Reads a state.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">The path or blob name, for error messages.</param>
    /// <exception cref="FaceDataException">The JSON is not a valid state, or its schema is unknown to this version.</exception>
    public static RetrainingState FromJson(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            RetrainingState state = StrictJson.Read(json, StateJson.Default.RetrainingState) ?? throw new JsonException("It is null.");
            return state.Schema == CurrentSchema ? state : throw new JsonException(
                $"It has schema {state.Schema}, and this version knows schema {CurrentSchema} only.");
        }
        catch (JsonException error)
        {
            throw new FaceDataException(
                $"{name} is not a valid training state: {error.Message} Delete the blob; the training then starts from the beginning.",
                error);
        }
    }

    /// <summary>Writes the JSON, UTF-8.</summary>
    public byte[] ToJson() => StrictJson.Write(this, StateJson.Default.RetrainingState);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n", RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RetrainingState))]
internal sealed partial class StateJson : JsonSerializerContext;
