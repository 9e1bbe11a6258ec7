using System.Security.Cryptography;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Training.Export;

namespace IpuNet.Training.Import.FaceNet;

/// <summary>Makes a recogniser from published weights of FaceNet.</summary>
public static class FaceNetImport
{
    /// <summary>Imports a file as the next version of a name.</summary>
    /// <param name="path">A Keras file (.h5), a PyTorch file (.pt or .pth), or a .safetensors file.</param>
    /// <param name="store">The model store.</param>
    /// <param name="name">The name of the model.</param>
    /// <param name="origin">The origin of the weights, for the manifest.</param>
    /// <param name="standardisation">The scale of the pixels; see <see cref="FaceNetWeights.Read"/>.</param>
    /// <exception cref="FaceDataException">The file is damaged or is not a FaceNet.</exception>
    public static InstalledModel Run(
        string path, ModelStore store, string name, WeightsOrigin origin, PixelStandardisation? standardisation = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(origin);
        var (network, weights) = FaceNetWeights.Read(path, standardisation);
        using FileStream file = File.OpenRead(path);
        return store.Install(
            new ModelManifest
            {
                Name = name,
                Version = store.NextVersion(name),
                Kind = ModelKind.Recogniser,
                Architecture = network.Architecture,
                Input = new ModelInput(FaceAligner.Size, FaceAligner.Size),
                Dimensions = network.Options.Dimensions,
                Licence = origin.Licence,
                Origin = origin.Of(path, SHA256.HashData(file)),
            },
            OnnxExporter.ExportRecogniser(network, weights, WeightStorage.Half));
    }
}
