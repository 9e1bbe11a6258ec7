using System.Text.Json.Serialization;

namespace IpuNet.Training.Evaluation;

/// <summary>The part that all reports share: the set and the models.</summary>
public abstract record MeasuredReport
{
    /// <summary>Version of the format of the written report: 1.</summary>
    [JsonPropertyOrder(-1)]
    public int Schema { get; init; } = 1;

    /// <summary>The name of the set or protocol, such as "pairsDevTest".</summary>
    [JsonPropertyOrder(-1)]
    public required string Protocol { get; init; }

    /// <summary>Id of the recogniser.</summary>
    [JsonPropertyOrder(-1)]
    public required string Recogniser { get; init; }

    /// <summary>Id of the enhancer; null without one.</summary>
    [JsonPropertyOrder(-1)]
    public string? Enhancer { get; init; }

    /// <summary>Id of the alignment, such as "whole-image".</summary>
    [JsonPropertyOrder(-1)]
    public required string Alignment { get; init; }

    /// <summary>Number of images without a face. Every comparison with them scores -1.</summary>
    public required int ImagesWithoutFace { get; init; }
}
