using System.Security.Cryptography;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Training.Export;

namespace IpuNet.Training.Import;

/// <summary>
/// Makes models from the weights in the npm package @vladmandic/face-api: the recogniser and the landmark network.
/// </summary>
public static class FaceApiImport
{
    private static readonly NpmSource Package = new("@vladmandic/face-api", "1.7.15", "https://github.com/vladmandic/face-api");

    /// <summary>
    /// Imports each model as version 1. The same package gives the same files, byte for byte. If no model of a kind is in use, the imported
    /// one is put into use.
    /// </summary>
    /// <param name="packageFolder">The folder of the package, such as models/node_modules/@vladmandic/face-api.</param>
    /// <param name="modelsFolder">The folder of the model store.</param>
    /// <returns>The imported models.</returns>
    /// <exception cref="FaceDataException">
    /// The folder is not that package, a file is damaged, or the store has another version 1.
    /// </exception>
    public static IReadOnlyList<InstalledModel> Run(string packageFolder, string modelsFolder)
    {
        Package.Require(packageFolder);
        var store = new ModelStore(modelsFolder);
        return [.. FaceApiModel.All.Select(model => Import(packageFolder, store, model))];
    }

    private static InstalledModel Import(string packageFolder, ModelStore store, FaceApiModel model)
    {
        string start = Path.Combine(packageFolder, "model", model.File);
        WeightSet weights = FaceApiWeights.Read($"{start}-weights_manifest.json");
        InstalledModel installed = store.Install(
            new ModelManifest
            {
                Name = model.Name,
                Version = 1,
                Kind = model.Kind,
                Architecture = model.Network.Architecture,
                Input = model.Input,
                Dimensions = model.Dimensions,
                Licence = model.Licence,
                Origin = new ModelOrigin(
                    Package.Id,
                    $"model/{model.File}.bin",
                    Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes($"{start}.bin"))),
                    Package.Address),
                TrainedOn = model.TrainedOn,
                Note = model.Note,
            },
            model.Export(model.Network, weights));
        if (model.Kind != ModelKind.Landmarks && store.Current.Of(model.Kind) is null)
            store.Use(installed);
        return installed;
    }
}

/// <summary>A model with weights from face-api.</summary>
/// <param name="Name">The name of the model in the store.</param>
/// <param name="Kind">The kind of the model.</param>
/// <param name="File">The beginning of the names of the two files in the folder "model" of the package.</param>
/// <param name="Network">The network.</param>
/// <param name="Export">Writes the network and its weights as an ONNX model.</param>
internal sealed record FaceApiModel(string Name, ModelKind Kind, string File, INetwork Network, Func<INetwork, WeightSet, byte[]> Export)
{
    /// <summary>The models that are imported.</summary>
    public static IReadOnlyList<FaceApiModel> All { get; } =
    [
        new(
            "dlib-resnet29", ModelKind.Recogniser, "face_recognition_model", new DlibResNet29(),
            (n, w) => OnnxExporter.ExportRecogniser(n, w))
        {
            Input = new ModelInput(FaceAligner.Size, FaceAligner.Size),
            Dimensions = DlibResNet29.Dimensions,
            Licence = "public domain, MIT",
            TrainedOn = ["face scrub", "VGG Face", "faces collected from the web"],
            Note = "Weights by Davis King (dlib-models, public domain), quantised to 8 bit by face-api (MIT).",
        },
        new(
            "face-landmark-68", ModelKind.Landmarks, "face_landmark_68_model", new FaceLandmark68(),
            (n, w) => OnnxExporter.Export(n, w, [TensorNames.Points]))
        {
            Input = new ModelInput(FaceLandmark68.InputSize, FaceLandmark68.InputSize),
            Licence = "MIT",
            TrainedOn = ["about 35,000 faces labelled with 68 points"],
            Note = "Weights quantised to 8 bit by face-api.",
        },
    ];

    /// <summary>Size of the images that the ONNX model takes.</summary>
    public required ModelInput Input { get; init; }

    /// <summary>Number of dimensions of an embedding; null if the model is not a recogniser.</summary>
    public int? Dimensions { get; init; }

    /// <summary>Licence of the weights.</summary>
    public required string Licence { get; init; }

    /// <summary>The training sets of the weights, as their authors name them.</summary>
    public required IReadOnlyList<string> TrainedOn { get; init; }

    /// <summary>Facts about the weights that users must know.</summary>
    public required string Note { get; init; }
}
