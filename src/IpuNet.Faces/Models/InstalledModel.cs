using System.Security.Cryptography;

namespace IpuNet.Faces.Models;

/// <summary>A model that lies in a <see cref="ModelStore"/>, or was brought from somewhere.</summary>
public sealed class InstalledModel
{
    /// <summary>Name of the ONNX file.</summary>
    public const string ModelFile = "model.onnx";

    /// <summary>Name of the manifest beside it.</summary>
    public const string ManifestFile = "manifest.json";

    private readonly byte[]? _data;

    /// <summary>A model in a folder.</summary>
    /// <param name="manifest">What is known of it.</param>
    /// <param name="folder">Its folder.</param>
    public InstalledModel(ModelManifest manifest, string folder)
    {
        Manifest = manifest;
        Path = System.IO.Path.Combine(folder, ModelFile);
    }

    /// <summary>A model in memory.</summary>
    /// <param name="manifest">What is known of it.</param>
    /// <param name="path">Where it is from, for messages.</param>
    /// <param name="data">The ONNX file.</param>
    public InstalledModel(ModelManifest manifest, string path, byte[] data) => (Manifest, Path, _data) = (manifest, path, data);

    /// <summary>What is known of it.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>Name and version, such as "dlib-resnet29@1".</summary>
    public string Id => Manifest.Id;

    /// <summary>The ONNX file.</summary>
    public string Path { get; }

    /// <summary>Reads the ONNX file and makes sure that it is the one its manifest speaks of. What is checked is what is returned.</summary>
    /// <exception cref="FaceDataException">The file is missing, or its SHA-256 is not the manifest's.</exception>
    public byte[] ReadVerified()
    {
        byte[] data = _data ?? ModelFiles.Read(Path);
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
