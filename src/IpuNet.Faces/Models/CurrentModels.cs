using System.Text.Json;
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

    /// <summary>The change that put these models in use; null in a folder of models, where changes are not counted.</summary>
    public ModelChange? Change { get; init; }

    /// <summary>Reads what a file or a line of a history says.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">What error messages call it.</param>
    /// <exception cref="FaceDataException">It is damaged, or of a schema that this version does not know.</exception>
    public static CurrentModels FromJson(ReadOnlySpan<byte> json, string name) => ModelFiles.FromJson(json, name, ModelJson.Default.CurrentModels, c => c.Schema);

    /// <summary>The written form, UTF-8, on one line.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ModelLineJson.Default.CurrentModels);

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

/// <summary>What a change of the models in use did.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelChangeKind>))]
public enum ModelChangeKind
{
    /// <summary>Put models in use.</summary>
    [JsonStringEnumMemberName("promote")]
    Promote,

    /// <summary>Put models in use again that were in use before.</summary>
    [JsonStringEnumMemberName("rollback")]
    Rollback,
}

/// <summary>A change of the models in use.</summary>
/// <param name="Revision">1 for the first change, and one more for each that follows.</param>
/// <param name="Id">Of no other change.</param>
/// <param name="Kind">What it did.</param>
/// <param name="At">When, by the clock of whoever made it.</param>
/// <param name="By">Who or what made it.</param>
/// <param name="Reason">Why, where that was said.</param>
/// <param name="Restores">A rollback's: the revision whose models are in use again; 0 for those from before the first change.</param>
public sealed record ModelChange(
    int Revision, Guid Id, ModelChangeKind Kind, DateTimeOffset At, string By, string? Reason = null, int? Restores = null);

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

/// <summary>The same on one line.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CurrentModels))]
internal sealed partial class ModelLineJson : JsonSerializerContext;
