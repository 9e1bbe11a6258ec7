using System.Security.Cryptography;
using IpuNet.Faces;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Training.Export;

namespace IpuNet.Training.Import.FaceNet;

/// <summary>What is said of weights that others trained; null where it is not known.</summary>
/// <param name="Publisher">Who published them, such as "facenet-pytorch 20180402-114759".</param>
/// <param name="Source">Where they were published.</param>
/// <param name="Licence">Their licence.</param>
public sealed record FaceNetOrigin(string? Publisher, string? Source, string? Licence);

/// <summary>Makes a recogniser of published weights of FaceNet.</summary>
public static class FaceNetImport
{
    private const string Unknown = "not stated";

    /// <summary>Imports a file as the next version of a name.</summary>
    /// <param name="path">A Keras .h5, a PyTorch .pt or .pth, or a .safetensors file.</param>
    /// <param name="store">The model store.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="origin">What is said of the weights.</param>
    /// <param name="standardisation">As <see cref="FaceNetWeights.Read"/> takes it.</param>
    /// <exception cref="FaceDataException">The file is damaged or no FaceNet.</exception>
    public static InstalledModel Run(string path, ModelStore store, string name, FaceNetOrigin origin, PixelStandardisation? standardisation = null)
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
                Input = new ModelInput(OnnxExporter.FaceSize, OnnxExporter.FaceSize),
                Dimensions = network.Options.Dimensions,
                Licence = origin.Licence,
                Origin = new ModelOrigin(origin.Publisher ?? Unknown, Path.GetFileName(path), Convert.ToHexStringLower(SHA256.HashData(file)), origin.Source ?? Unknown),
            },
            OnnxExporter.ExportRecogniser(network, weights, WeightStorage.Half));
    }
}
