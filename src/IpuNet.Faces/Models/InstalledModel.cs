using System.Security.Cryptography;
using IpuNet.Contract;

namespace IpuNet.Faces.Models;

/// <summary>A model with its manifest, in a folder or in memory.</summary>
public sealed class InstalledModel
{
    /// <summary>Name of the ONNX file.</summary>
    public const string ModelFile = "model.onnx";

    /// <summary>Name of the manifest in the same folder.</summary>
    public const string ManifestFile = "manifest.json";

    private readonly byte[]? _data;

    /// <summary>Creates a model from a folder.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="folder">The folder of the ONNX file.</param>
    public InstalledModel(ModelManifest manifest, string folder)
    {
        Manifest = manifest;
        Path = System.IO.Path.Combine(folder, ModelFile);
    }

    /// <summary>Creates a model from memory.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="path">The ONNX file's origin, for error messages.</param>
    /// <param name="data">The ONNX file's bytes.</param>
    public InstalledModel(ModelManifest manifest, string path, byte[] data) => (Manifest, Path, _data) = (manifest, path, data);

    /// <summary>The manifest.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>Name and version, such as "dlib-resnet29@1".</summary>
    public string Id => Manifest.Id;

    /// <summary>The path or origin of the ONNX file.</summary>
    public string Path { get; }

    /// <summary>
    /// Reads the ONNX file and checks its SHA-256 against the manifest. The returned bytes are the checked bytes.
    /// </summary>
    /// <exception cref="FaceDataException">The file is missing, or its SHA-256 is not the manifest's.</exception>
    public byte[] ReadVerified()
    {
        byte[] data = _data ?? ModelFiles.Read(Path);
        string actual = Convert.ToHexStringLower(SHA256.HashData(data));
        return string.Equals(actual, Manifest.Sha256, StringComparison.OrdinalIgnoreCase)
            ? data
            : throw new FaceDataException(
                $"{Path}: its SHA-256 is {actual}, but {ManifestFile} states {Manifest.Sha256}. The file is damaged or was replaced. "
                + $"Restore both files of {Id}, or install the model again.");
    }

    /// <summary>Checks the model's kind.</summary>
    /// <returns>This model.</returns>
    /// <exception cref="FaceDataException">The model is of another kind.</exception>
    public InstalledModel Require(ModelKind kind) => Manifest.Kind == kind
        ? this
        : throw new FaceDataException($"The model {Id} is of the kind '{Manifest.Kind}'. Choose a model of the kind '{kind}'.");
}
