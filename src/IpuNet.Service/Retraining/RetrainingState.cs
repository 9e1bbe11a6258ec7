using System.Text.Json;
using IpuNet.Faces;
using IpuNet.Faces.Files;

namespace IpuNet.Service.Retraining;

/// <summary>What a training began with, as <c>results/retraining/{jobId}/state.json</c>: one that goes on elsewhere is the same training.</summary>
public sealed record RetrainingState
{
    /// <summary>The schema that this version reads and writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Schema of the written form.</summary>
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The job.</summary>
    public required string JobId { get; init; }

    /// <summary>Name of the experiment.</summary>
    public required string Experiment { get; init; }

    /// <summary>When it began; images that came later are not learnt from.</summary>
    public required DateTimeOffset StartedOn { get; init; }

    /// <summary>The enhancer that it is trained from, "name@version"; null where it is trained from scratch.</summary>
    public string? From { get; init; }

    /// <summary>Revision of <c>models/current.json</c> then; 0 where there was none.</summary>
    public required int BaseRevision { get; init; }

    /// <summary>The model that comes of it, "name@version".</summary>
    public required string Candidate { get; init; }

    /// <summary>Reads a state.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">What error messages call it: its path or blob name.</param>
    /// <exception cref="FaceDataException">It is none, or of a schema that this version does not know.</exception>
    public static RetrainingState FromJson(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            RetrainingState state = StrictJson.Read(json, RetrainingJson.Default.RetrainingState) ?? throw new JsonException("It is null.");
            return state.Schema == CurrentSchema ? state : throw new JsonException($"It has schema {state.Schema}, and this version knows schema {CurrentSchema} only.");
        }
        catch (JsonException error)
        {
            throw new FaceDataException($"{name} is no usable state of a training: {error.Message} Delete the blob, and the training begins anew.", error);
        }
    }

    /// <summary>The written form, UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RetrainingJson.Default.RetrainingState);
}
