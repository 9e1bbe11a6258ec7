using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Faces.Recognition;

namespace IpuNet.Faces.Models;

/// <summary>What is known of a model: <c>models/{name}/{version}/manifest.json</c>, beside the <c>model.onnx</c> it speaks of.</summary>
public sealed record ModelManifest
{
    /// <summary>The schema this product writes and reads.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The architecture of somebody else's graph, whatever it is.</summary>
    public const string ForeignArchitecture = "foreign-onnx";

    /// <summary>The manifest's schema.</summary>
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The model's name: lower-case letters, digits and '-', such as "dlib-resnet29".</summary>
    public required string Name { get; init; }

    /// <summary>1 for the first of a name, and one more for each that follows.</summary>
    public required int Version { get; init; }

    /// <summary>What the model does.</summary>
    public required ModelKind Kind { get; init; }

    /// <summary>The network, as <see cref="Networks.INetwork.Architecture"/> names it; <see cref="ForeignArchitecture"/> where the file is somebody else's graph.</summary>
    public required string Architecture { get; init; }

    /// <summary>SHA-256 of <c>model.onnx</c>, 64 lower-case hexadecimal digits. <see cref="ModelStore.Install"/> fills it in.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>Size of the pictures that the model takes.</summary>
    public required ModelInput Input { get; init; }

    /// <summary>A recogniser's length of an embedding; null for other models.</summary>
    public int? Dimensions { get; init; }

    /// <summary>Of a recogniser whose file is somebody else's graph: how it is fed. Null where this product made the file.</summary>
    public ForeignGraph? Graph { get; init; }

    /// <summary>Settings that the model is recommended to run with, by name, such as a detector's score threshold.</summary>
    public IReadOnlyDictionary<string, double>? Settings { get; init; }

    /// <summary>The licence of the weights, such as "MIT".</summary>
    public string? Licence { get; init; }

    /// <summary>Where the weights come from, if they were not trained here.</summary>
    public ModelOrigin? Origin { get; init; }

    /// <summary>The sets that the model was trained on.</summary>
    public IReadOnlyList<string>? TrainedOn { get; init; }

    /// <summary>What users must know, such as that a training set is for research only.</summary>
    public string? Note { get; init; }

    /// <summary>What was measured, as <c>ipunet evaluate</c> writes it.</summary>
    public JsonElement? Evaluation { get; init; }

    /// <summary>
    /// Which resolution bands to enhance, and from which score a match counts as known: one policy for each recogniser that was measured
    /// with this enhancer, or a recogniser's own, for use without an enhancer. Null where nothing was measured.
    /// </summary>
    [JsonPropertyName("policy")]
    [JsonConverter(typeof(RecognitionPoliciesConverter))]
    public IReadOnlyList<RecognitionPolicy>? Policies { get; init; }

    /// <summary>Reads a manifest.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">What error messages call it.</param>
    /// <exception cref="FaceDataException">It is damaged, or of a schema that this version does not know.</exception>
    public static ModelManifest FromJson(ReadOnlySpan<byte> json, string name) => ModelFiles.FromJson(json, name, ModelJson.Default.ModelManifest, m => m.Schema);

    /// <summary>The written form, UTF-8.</summary>
    public byte[] ToJson() => ModelFiles.ToJson(this, ModelJson.Default.ModelManifest);

    /// <summary>Name and version, such as "dlib-resnet29@1".</summary>
    [JsonIgnore]
    public string Id => $"{Name}@{Version}";

    /// <summary>The policy that was measured with a recogniser; null where none was.</summary>
    /// <param name="recogniser">The recogniser's id.</param>
    public RecognitionPolicy? PolicyFor(string recogniser) => Policies?.FirstOrDefault(policy => policy.Recogniser == recogniser);

    /// <summary>The policy that was measured with a recogniser.</summary>
    /// <param name="recogniser">The recogniser's id.</param>
    /// <exception cref="FaceDataException">None was: scores of this recogniser cannot be held against any threshold.</exception>
    public RecognitionPolicy RequirePolicy(string recogniser) => PolicyFor(recogniser) ?? throw new FaceDataException(Policies is null or []
        ? $"The manifest of {Id} has no recognition policy, so no threshold for a match is known. Measure it with `ipunet evaluate --write-policy`."
        : $"The thresholds in the manifest of {Id} were calibrated with {string.Join(", ", Policies.Select(policy => $"'{policy.Recogniser}'"))} and say nothing about "
            + $"scores of '{recogniser}': recognise with another recogniser, or calibrate this one with `ipunet evaluate --write-policy`.");

    /// <summary>The manifest with a policy in place of the one for the same recogniser; those for others stay.</summary>
    public ModelManifest With(RecognitionPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return this with { Policies = [.. (Policies ?? []).Where(other => other.Recogniser != policy.Recogniser), policy] };
    }
}

/// <summary>Size in pixels of the pictures that a model takes.</summary>
public sealed record ModelInput(int Width, int Height);

/// <summary>Where imported weights come from.</summary>
/// <param name="Package">The package and its version.</param>
/// <param name="File">The file in the package.</param>
/// <param name="Sha256">SHA-256 of that file.</param>
/// <param name="Source">Where the package's own sources live.</param>
public sealed record ModelOrigin(string Package, string File, string Sha256, string Source);
