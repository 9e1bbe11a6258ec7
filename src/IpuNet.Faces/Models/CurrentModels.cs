using System.Text.Json.Serialization;

namespace IpuNet.Faces.Models;

/// <summary>The models in use, by id ("name@version"): <c>models/current.json</c>. Null where none is in use.</summary>
public sealed record CurrentModels
{
    /// <summary>The file's schema.</summary>
    public int Schema { get; init; } = ModelManifest.CurrentSchema;

    /// <summary>The enhancer.</summary>
    public string? Enhancer { get; init; }

    /// <summary>The recogniser.</summary>
    public string? Recogniser { get; init; }

    /// <summary>The face detector.</summary>
    public string? Detector { get; init; }

    /// <summary>The landmark net.</summary>
    public string? Landmarks { get; init; }

    /// <summary>The id of the model of a kind.</summary>
    public string? Of(ModelKind kind) => kind switch
    {
        ModelKind.Enhancer => Enhancer,
        ModelKind.Recogniser => Recogniser,
        ModelKind.Detector => Detector,
        ModelKind.Landmarks => Landmarks,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>The same with another model of one kind.</summary>
    public CurrentModels With(ModelKind kind, string id) => kind switch
    {
        ModelKind.Enhancer => this with { Enhancer = id },
        ModelKind.Recogniser => this with { Recogniser = id },
        ModelKind.Detector => this with { Detector = id },
        ModelKind.Landmarks => this with { Landmarks = id },
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}

/// <summary>Reads and writes the files of the model store.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(ModelManifest))]
[JsonSerializable(typeof(CurrentModels))]
internal sealed partial class ModelJson : JsonSerializerContext;
