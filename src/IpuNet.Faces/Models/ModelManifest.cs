using System.Text.Json;
using IpuNet.Faces.Recognition;

namespace IpuNet.Faces.Models;

/// <summary>What is known of a model: <c>models/{name}/{version}/manifest.json</c>, beside the <c>model.onnx</c> it speaks of.</summary>
public sealed record ModelManifest
{
    /// <summary>The schema this product writes and reads.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The manifest's schema.</summary>
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The model's name: lower-case letters, digits and '-', such as "dlib-resnet29".</summary>
    public required string Name { get; init; }

    /// <summary>1 for the first of a name, and one more for each that follows.</summary>
    public required int Version { get; init; }

    /// <summary>What the model does.</summary>
    public required ModelKind Kind { get; init; }

    /// <summary>The network, as <see cref="Networks.INetwork.Architecture"/> names it.</summary>
    public required string Architecture { get; init; }

    /// <summary>SHA-256 of <c>model.onnx</c>, 64 lower-case hexadecimal digits. <see cref="ModelStore.Install"/> fills it in.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>Size of the pictures that the model takes.</summary>
    public required ModelInput Input { get; init; }

    /// <summary>A recogniser's length of an embedding; null for other models.</summary>
    public int? Dimensions { get; init; }

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

    /// <summary>An enhancer's: which resolution bands to enhance, and from which score a match counts as known.</summary>
    public RecognitionPolicy? Policy { get; init; }

    /// <summary>Reads a manifest.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">What error messages call it.</param>
    /// <exception cref="FaceDataException">It is damaged, or of a schema that this version does not know.</exception>
    public static ModelManifest FromJson(ReadOnlySpan<byte> json, string name) => ModelFiles.FromJson(json, name, ModelJson.Default.ModelManifest, m => m.Schema);

    /// <summary>The written form, UTF-8.</summary>
    public byte[] ToJson() => ModelFiles.ToJson(this, ModelJson.Default.ModelManifest);

    /// <summary>Name and version, such as "dlib-resnet29@1".</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Id => $"{Name}@{Version}";
}

/// <summary>Size in pixels of the pictures that a model takes.</summary>
public sealed record ModelInput(int Width, int Height);

/// <summary>Where imported weights come from.</summary>
/// <param name="Package">The package and its version.</param>
/// <param name="File">The file in the package.</param>
/// <param name="Sha256">SHA-256 of that file.</param>
/// <param name="Source">Where the package's own sources live.</param>
public sealed record ModelOrigin(string Package, string File, string Sha256, string Source);
