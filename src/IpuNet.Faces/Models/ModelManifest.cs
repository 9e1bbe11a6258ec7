using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Contract;
using IpuNet.Faces.Policies;

namespace IpuNet.Faces.Models;

/// <summary>The description of a model: <c>models/{name}/{version}/manifest.json</c>, beside its <c>model.onnx</c>.</summary>
public sealed record ModelManifest
{
    /// <summary>The schema that this version writes and reads.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The architecture of every graph from another project.</summary>
    public const string ImportedArchitecture = "foreign-onnx";

    /// <summary>Version of the JSON form.</summary>
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The model's name: lower-case letters, digits and '-', such as "dlib-resnet29".</summary>
    public required string Name { get; init; }

    /// <summary>The version: 1, 2, 3 ... for each name.</summary>
    public required int Version { get; init; }

    /// <summary>The kind of the model.</summary>
    public required ModelKind Kind { get; init; }

    /// <summary>
    /// The network's <see cref="Networks.INetwork.Architecture"/>, or <see cref="ImportedArchitecture"/> for a graph from another project.
    /// </summary>
    public required string Architecture { get; init; }

    /// <summary>SHA-256 of <c>model.onnx</c>, 64 lower-case hexadecimal digits. <see cref="ModelStore.Install"/> fills it in.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>The size of the model's input images.</summary>
    public required ModelInput Input { get; init; }

    /// <summary>The length of a recogniser's embeddings; null for other models.</summary>
    public int? Dimensions { get; init; }

    /// <summary>The input and output of a recogniser's graph from another project; null for a file that this product made.</summary>
    public ImportedGraph? Graph { get; init; }

    /// <summary>Recommended settings by name, such as a detector's score threshold.</summary>
    public IReadOnlyDictionary<string, double>? Settings { get; init; }

    /// <summary>The licence of the weights, such as "MIT".</summary>
    public string? Licence { get; init; }

    /// <summary>The origin of imported weights; null if the model was trained with this product.</summary>
    public ModelOrigin? Origin { get; init; }

    /// <summary>The names of the training sets.</summary>
    public IReadOnlyList<string>? TrainedOn { get; init; }

    /// <summary>A note for users, for example that a training set is for research only.</summary>
    public string? Note { get; init; }

    /// <summary>The results of <c>ipunet evaluate</c>.</summary>
    public JsonElement? Evaluation { get; init; }

    /// <summary>
    /// The policies: the bands to enhance and the thresholds. An enhancer has one policy for each recogniser that it was measured with. A
    /// recogniser has its own policy, for use without an enhancer. Null if nothing was measured.
    /// </summary>
    [JsonPropertyName("policy")]
    [JsonConverter(typeof(RecognitionPoliciesConverter))]
    public IReadOnlyList<RecognitionPolicy>? Policies { get; init; }

    /// <summary>Reads a manifest.</summary>
    /// <param name="json">The JSON, UTF-8.</param>
    /// <param name="name">The manifest's name, for error messages.</param>
    /// <exception cref="FaceDataException">The JSON is damaged, or its schema is unknown.</exception>
    public static ModelManifest FromJson(ReadOnlySpan<byte> json, string name) =>
        ModelFiles.FromJson(json, name, ModelJson.Default.ModelManifest, m => m.Schema);

    /// <summary>The JSON form, UTF-8.</summary>
    public byte[] ToJson() => ModelFiles.ToJson(this, ModelJson.Default.ModelManifest);

    /// <summary>Name and version, such as "dlib-resnet29@1".</summary>
    [JsonIgnore]
    public string Id => $"{Name}@{Version}";

    /// <summary>The policy for a recogniser; null if there is none.</summary>
    /// <param name="recogniser">The recogniser's id.</param>
    public RecognitionPolicy? PolicyFor(string recogniser) => Policies?.FirstOrDefault(policy => policy.Recogniser == recogniser);

    /// <summary>The policy for a recogniser.</summary>
    /// <param name="recogniser">The recogniser's id.</param>
    /// <exception cref="FaceDataException">There is no policy for this recogniser, so its scores have no threshold.</exception>
    public RecognitionPolicy RequirePolicy(string recogniser)
    {
        if (PolicyFor(recogniser) is { } policy)
            return policy;
        if (Policies is null or [])
            throw new FaceDataException(
                $"The manifest of {Id} has no recognition policy, so no threshold for a match is known. "
                + "Measure it with `ipunet evaluate --write-policy`.");
        string measured = string.Join(", ", Policies.Select(other => $"'{other.Recogniser}'"));
        throw new FaceDataException(
            $"The thresholds in the manifest of {Id} were calibrated with {measured} and say nothing about scores of '{recogniser}'. "
            + "Use another recogniser, or calibrate this one with `ipunet evaluate --write-policy`.");
    }

    /// <summary>Makes a copy with this policy. It replaces a policy for the same recogniser.</summary>
    public ModelManifest With(RecognitionPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return this with { Policies = [.. (Policies ?? []).Where(other => other.Recogniser != policy.Recogniser), policy] };
    }
}

/// <summary>The size of a model's input images.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
public sealed record ModelInput(int Width, int Height);

/// <summary>The origin of imported weights.</summary>
/// <param name="Package">The package and its version.</param>
/// <param name="File">The file in the package.</param>
/// <param name="Sha256">SHA-256 of that file.</param>
/// <param name="Source">The address of the package's source code.</param>
public sealed record ModelOrigin(string Package, string File, string Sha256, string Source);
