using System.Security.Cryptography;

namespace IpuNet.Faces.Models;

/// <summary>A model that lies in a <see cref="ModelStore"/>.</summary>
/// <param name="manifest">What is known of it.</param>
/// <param name="folder">Its folder.</param>
public sealed class InstalledModel(ModelManifest manifest, string folder)
{
    internal const string ModelFile = "model.onnx";
    internal const string ManifestFile = "manifest.json";

    /// <summary>What is known of it.</summary>
    public ModelManifest Manifest { get; } = manifest;

    /// <summary>Name and version, such as "dlib-resnet29@1".</summary>
    public string Id => Manifest.Id;

    /// <summary>The ONNX file.</summary>
    public string Path { get; } = System.IO.Path.Combine(folder, ModelFile);

    /// <summary>Reads the ONNX file and makes sure that it is the one its manifest speaks of. What is checked is what is returned.</summary>
    /// <exception cref="FaceDataException">The file is missing, or its SHA-256 is not the manifest's.</exception>
    public byte[] ReadVerified()
    {
        byte[] data = ModelFiles.Read(Path);
        string actual = Convert.ToHexStringLower(SHA256.HashData(data));
        return string.Equals(actual, Manifest.Sha256, StringComparison.OrdinalIgnoreCase)
            ? data
            : throw new FaceDataException(
                $"{Path}: its SHA-256 is {actual}, and {ManifestFile} says {Manifest.Sha256}. The file is damaged or was replaced: "
                + $"restore both files of {Id} from where they came, or install the model again.");
    }

    /// <summary>Makes sure that the model is of a kind.</summary>
    /// <exception cref="FaceDataException">It is of another.</exception>
    public InstalledModel Require(ModelKind kind) => Manifest.Kind == kind
        ? this
        : throw new FaceDataException($"The model {Id} is of the kind '{Manifest.Kind}', and '{kind}' is needed. Choose another.");
}
