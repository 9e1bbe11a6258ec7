using System.Runtime.InteropServices;
using System.Security.Cryptography;
using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Training.Export;
using IpuNet.Training.Export.Protobuf;

namespace IpuNet.Training.Import;

/// <summary>Makes the detector of the ONNX file that the npm package faceplugin-face-recognition-js ships.</summary>
public static class RfbImport
{
    private const string File = "model/fr_detect.onnx";

    private static readonly NpmSource Package = new(
        "faceplugin-face-recognition-js", "0.0.1", "https://github.com/Faceplugin-ltd/FaceRecognition-LivenessDetection-Javascript");

    /// <summary>The folder in which <c>npm install</c> puts the package.</summary>
    /// <param name="npmFolder">The folder of package.json.</param>
    public static string FolderIn(string npmFolder) => Path.Combine(npmFolder, "node_modules", Package.Name);

    /// <summary>Imports the detector as version 1. The same package gives the same file, byte for byte.</summary>
    /// <param name="packageFolder">The package, such as models/node_modules/faceplugin-face-recognition-js.</param>
    /// <param name="modelsFolder">The model store's folder. The imported model is put in use if no other detector is.</param>
    /// <returns>The model.</returns>
    /// <exception cref="FaceDataException">
    /// The folder is not that package, the file is damaged, or the store has another version 1.
    /// </exception>
    public static InstalledModel Run(string packageFolder, string modelsFolder)
    {
        Package.Require(packageFolder);
        string path = Path.Combine(packageFolder, File);
        if (!System.IO.File.Exists(path))
            throw new FaceDataException($"{path}: is missing. Get the package again with 'npm install' in the folder 'models'.");
        byte[] original = System.IO.File.ReadAllBytes(path);
        var network = new Rfb320();
        byte[] model = OnnxExporter.Export(
            network, Read(network, original, path), [.. Enumerable.Range(0, Rfb320.Maps.Count).Select(TensorNames.Map)], freeSize: true);

        var store = new ModelStore(modelsFolder);
        InstalledModel installed = store.Install(
            new ModelManifest
            {
                Name = network.Architecture,
                Version = 1,
                Kind = ModelKind.Detector,
                Architecture = network.Architecture,
                Input = new ModelInput(network.Input.Width, network.Input.Height),
                Licence = "MIT",
                Origin = new ModelOrigin(Package.Id, File, Convert.ToHexStringLower(SHA256.HashData(original)), Package.Address),
                TrainedOn = ["WIDER FACE"],
                Note =
                    "Weights by Linzaer (Ultra-Light-Fast-Generic-Face-Detector-1MB, MIT). The network takes pictures of any size. The "
                    + "training set has terms of its own: CC BY-NC-ND 4.0.",
            },
            model);
        if (store.Current.Of(ModelKind.Detector) is null)
            store.Use(installed);
        return installed;
    }

    // PyTorch's exporter gave numbers to the weights that it folded. The convolutions come in the order of the network.
    private static WeightSet Read(Rfb320 network, byte[] file, string path)
    {
        try
        {
            GraphProto graph = OnnxFile.Parse(file).Graph ?? throw new InvalidDataException("It has no graph.");
            var tensors = graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
            var inputs = new Queue<string>(graph.Node.Where(node => node.OpType == "Conv").SelectMany(node => node.Input.Skip(1)));
            var weights = new WeightSet();
            foreach (WeightDeclaration declaration in WeightDeclarations.Of(network))
            {
                if (!inputs.TryDequeue(out string? name) || !tensors.TryGetValue(name, out TensorProto? tensor)
                    || tensor.DataType != (int)TensorProto.Types.DataType.Float
                    || !tensor.Dims.SequenceEqual(declaration.Shape.Select(n => (long)n)))
                    throw new InvalidDataException($"It has no weight for '{declaration.Name}'.");
                weights[declaration.Name] = WeightTensor.FromFloats(
                    [.. declaration.Shape], MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray());
            }

            return inputs.Count == 0 ? weights : throw new InvalidDataException($"It has {inputs.Count} weights too many.");
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException)
        {
            throw new FaceDataException($"{path}: is not the detector RFB-320: {e.Message}", e);
        }
    }
}
