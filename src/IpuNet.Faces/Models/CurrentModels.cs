using System.Text.Json.Serialization;
using IpuNet.Contract;

namespace IpuNet.Faces.Models;

/// <summary>The ids ("name@version") of the models in use, from <c>models/current.json</c>. Null means that none is in use.</summary>
public sealed record CurrentModels
{
    /// <summary>Version of the JSON form.</summary>
    public int Schema { get; init; } = ModelManifest.CurrentSchema;

    /// <summary>The enhancer.</summary>
    public string? Enhancer { get; init; }

    /// <summary>The recogniser.</summary>
    public string? Recogniser { get; init; }

    /// <summary>The detector.</summary>
    public string? Detector { get; init; }

    /// <summary>The aligner.</summary>
    public string? Aligner { get; init; }

    /// <summary>The change that put these models in use. Null in a model folder, which keeps no history.</summary>
    public ModelChange? Change { get; init; }

    /// <summary>Reads the JSON form, from a file or from a line of the history.</summary>
    /// <param name="json">The JSON, UTF-8.</param>
    /// <param name="name">The file's name, for error messages.</param>
    /// <exception cref="FaceDataException">The JSON is damaged, or its schema is unknown.</exception>
    public static CurrentModels FromJson(ReadOnlySpan<byte> json, string name) =>
        ModelFiles.FromJson(json, name, ModelJson.Default.CurrentModels, c => c.Schema);

    /// <summary>The JSON form, UTF-8, on one line.</summary>
    public byte[] ToJson() => StrictJson.Write(this, ModelLineJson.Default.CurrentModels);

    /// <summary>The id of the model of this kind; null if none is in use.</summary>
    public string? Of(ModelKind kind) => kind switch
    {
        ModelKind.Enhancer => Enhancer,
        ModelKind.Recogniser => Recogniser,
        ModelKind.Detector => Detector,
        ModelKind.Landmarks => null,
        ModelKind.Aligner => Aligner,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>Makes a copy with another model of one kind.</summary>
    /// <exception cref="FaceDataException">The kind is <see cref="ModelKind.Landmarks"/>, which is never in use.</exception>
    public CurrentModels With(ModelKind kind, string id) => kind switch
    {
        ModelKind.Enhancer => this with { Enhancer = id },
        ModelKind.Recogniser => this with { Recogniser = id },
        ModelKind.Detector => this with { Detector = id },
        ModelKind.Landmarks => throw new FaceDataException(
            $"{id} is a landmark network. It only labels the training data of an aligner, so it cannot be put in use."),
        ModelKind.Aligner => this with { Aligner = id },
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}

/// <summary>The kind of a change of the models in use.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelChangeKind>))]
public enum ModelChangeKind
{
    /// <summary>The change put models in use.</summary>
    [JsonStringEnumMemberName("promote")]
    Promote,

    /// <summary>The change put earlier models in use again.</summary>
    [JsonStringEnumMemberName("rollback")]
    Rollback,
}

/// <summary>A change of the models in use.</summary>
/// <param name="Revision">The number of the change: 1, 2, 3 ...</param>
/// <param name="Id">A unique id of the change.</param>
/// <param name="Kind">The kind of the change.</param>
/// <param name="At">The time of the change, by the clock of the machine that made it.</param>
/// <param name="By">The user or program that made the change.</param>
/// <param name="Reason">The reason; null if none was given.</param>
/// <param name="Restores">For a rollback, the revision whose models are in use again; 0 for the models before the first change.</param>
public sealed record ModelChange(
    int Revision, Guid Id, ModelChangeKind Kind, DateTimeOffset At, string By, string? Reason = null, int? Restores = null);

/// <summary>The JSON of the model store's files, indented.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(ModelManifest))]
[JsonSerializable(typeof(CurrentModels))]
internal sealed partial class ModelJson : JsonSerializerContext;

/// <summary>The JSON of the models in use, on one line.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CurrentModels))]
internal sealed partial class ModelLineJson : JsonSerializerContext;
