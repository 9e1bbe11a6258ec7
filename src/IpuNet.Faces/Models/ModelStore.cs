using System.Globalization;
using System.Security.Cryptography;
using IpuNet.Contract;
using IpuNet.Faces.Files;

namespace IpuNet.Faces.Models;

/// <summary>
/// A folder of models: <c>{name}/{version}/model.onnx</c> with <c>manifest.json</c>. The file <c>current.json</c> names the models in use.
/// An installed model never changes, except for the measurements in its manifest. A better model gets a new version.
/// </summary>
/// <param name="root">The folder's path.</param>
public sealed class ModelStore(string root)
{
    /// <summary>The environment variable that <see cref="Locate"/> reads first.</summary>
    public const string LocationVariable = "IPUNET_MODELS";

    private const string FolderName = "models";
    private const string CurrentFile = "current.json";

    private readonly InstalledModel? _instead;

    private ModelStore(string root, InstalledModel instead)
        : this(root) => _instead = instead;

    /// <summary>The folder's full path.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>The models in use. None if there is no <c>current.json</c>.</summary>
    /// <exception cref="FaceDataException"><c>current.json</c> cannot be used.</exception>
    public CurrentModels Current => _instead is null ? Saved : Saved.With(_instead.Manifest.Kind, _instead.Id);

    /// <summary>The ids of all installed models, in order of name and version.</summary>
    public IReadOnlyList<string> Ids =>
        [.. Directory.Exists(Root) ? Directory.GetDirectories(Root).Order(StringComparer.Ordinal).SelectMany(Versions) : []];

    private CurrentModels Saved =>
        File.Exists(CurrentPath) ? ModelFiles.ReadJson(CurrentPath, ModelJson.Default.CurrentModels, c => c.Schema) : new();

    private string ListOfIds => Ids is [] ? "It has none." : $"It has {string.Join(", ", Ids)}.";

    private string CurrentPath => Path.Combine(Root, CurrentFile);

    /// <summary>
    /// Finds the model folder. Takes the folder that the environment variable IPUNET_MODELS names. Otherwise searches for a folder "models"
    /// with a current.json: first beside the program and in the folders above it, then in the current directory and above it.
    /// </summary>
    /// <exception cref="FaceDataException">There is no model folder.</exception>
    public static ModelStore Locate()
    {
        if (Environment.GetEnvironmentVariable(LocationVariable) is { Length: > 0 } configured)
        {
            return Directory.Exists(configured)
                ? new ModelStore(configured)
                : throw new FaceDataException(
                    $"{configured}: this folder does not exist. Set {LocationVariable} to the folder of the models.");
        }

        return Above(AppContext.BaseDirectory) ?? Above(Environment.CurrentDirectory) ?? throw new FaceDataException(
            $"There is no folder '{FolderName}' with a {CurrentFile} in {AppContext.BaseDirectory}, in {Environment.CurrentDirectory}, "
            + $"or above them. Set {LocationVariable} to the folder of the models.");
    }

    /// <summary>Finds an installed model.</summary>
    /// <param name="id">"name@version", or "name" for the highest version.</param>
    /// <exception cref="FaceDataException">There is no such model, or its manifest cannot be used.</exception>
    public InstalledModel Find(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        string found = IdOf(id) ?? throw new FaceDataException($"There is no model '{id}' in {Root}. {ListOfIds}");

        string folder = FolderOf(found);
        string path = Path.Combine(folder, InstalledModel.ManifestFile);
        ModelManifest manifest = ModelFiles.ReadJson(path, ModelJson.Default.ModelManifest, m => m.Schema);
        return manifest.Id == found
            ? new InstalledModel(manifest, folder)
            : throw new FaceDataException(
                $"{path}: describes '{manifest.Id}', but lies in the folder of '{found}'. Install the model again.");
    }

    /// <summary>Finds the model in use of a kind.</summary>
    /// <exception cref="FaceDataException">No model of this kind is in use, or it cannot be used.</exception>
    public InstalledModel FindCurrent(ModelKind kind)
    {
        string? id = Current.Of(kind);
        if (id is null)
            throw new FaceDataException(
                $"{CurrentPath}: names no {kind.ToString().ToLowerInvariant()}. "
                + $"{(Ids is [] ? "No model is installed." : $"Installed models: {string.Join(", ", Ids)}.")}");

        return Find(id).Require(kind);
    }

    /// <summary>Installs a model. Installing the same file again replaces its manifest but keeps its measurements.</summary>
    /// <param name="manifest">The manifest. Its SHA-256 is filled in.</param>
    /// <param name="model">The ONNX file's bytes.</param>
    /// <returns>The installed model.</returns>
    /// <exception cref="FaceDataException">The id is not valid, or this version is already installed with another file.</exception>
    public InstalledModel Install(ModelManifest manifest, byte[] model)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        _ = ModelId.Require(manifest.Id);
        manifest = manifest with { Sha256 = Convert.ToHexStringLower(SHA256.HashData(model)) };
        if (Ids.Contains(manifest.Id))
        {
            ModelManifest present = Find(manifest.Id).Manifest;
            if (present.Sha256 != manifest.Sha256)
                throw new FaceDataException(
                    $"{manifest.Id} is already in {Root} with another file. Install it as version {NextVersion(manifest.Name)}.");
            manifest = manifest with
            {
                Evaluation = manifest.Evaluation ?? present.Evaluation,
                Policies = manifest.Policies ?? present.Policies,
            };
        }

        var installed = new InstalledModel(manifest, FolderOf(manifest.Id));
        AtomicFile.Write(installed.Path, model, durable: true);
        WriteManifest(manifest);
        return installed;
    }

    /// <summary>Replaces the manifest of an installed model, for example to add an evaluation and a policy. The SHA-256 stays.</summary>
    /// <param name="manifest">The new manifest.</param>
    /// <returns>The installed model.</returns>
    /// <exception cref="FaceDataException">There is no such model.</exception>
    public InstalledModel Update(ModelManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        string sha256 = Find(manifest.Id).Manifest.Sha256;
        WriteManifest(manifest with { Sha256 = sha256 });
        return Find(manifest.Id);
    }

    /// <summary>Opens the same folder with another recogniser in use. The folder does not change.</summary>
    /// <param name="id">The recogniser: "name@version", or "name" for the highest version.</param>
    /// <exception cref="FaceDataException">There is no such model, or it is not a recogniser.</exception>
    public ModelStore WithRecogniser(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return Has(id)
            ? new(Root, Find(id).Require(ModelKind.Recogniser))
            : throw new FaceDataException(
                $"There is no recogniser '{id}' in {Root}. {ListOfIds} `ipunet import facenet FILE` adds FaceNet of a file of its weights, "
                + "`ipunet import arcface FILE` a recogniser of an .onnx file.");
    }

    /// <summary>Whether a model is installed.</summary>
    /// <param name="id">"name@version", or "name" for any version.</param>
    public bool Has(string id) => IdOf(id) is not null;

    /// <summary>Puts a model in use. It replaces the model of its kind in <c>current.json</c>.</summary>
    /// <param name="model">The model.</param>
    public void Use(InstalledModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        ModelFiles.WriteJson(CurrentPath, Saved.With(model.Manifest.Kind, model.Id), ModelJson.Default.CurrentModels);
    }

    /// <summary>The next free version of a model name: 1 for a new name.</summary>
    /// <param name="name">The model's name.</param>
    public int NextVersion(string name) => Ids.Where(id => ModelId.NameOf(id) == name).Select(ModelId.VersionOf).DefaultIfEmpty().Max() + 1;

    private string? IdOf(string id) =>
        Ids.LastOrDefault(known => known == id || (!id.Contains('@') && ModelId.NameOf(known) == id));

    private static ModelStore? Above(string folder)
    {
        for (DirectoryInfo? at = new(folder); at is not null; at = at.Parent)
        {
            string models = Path.Combine(at.FullName, FolderName);
            if (File.Exists(Path.Combine(models, CurrentFile)))
                return new ModelStore(models);
        }

        return null;
    }

    private static IEnumerable<string> Versions(string nameFolder) => Directory.GetDirectories(nameFolder)
        .Where(folder => File.Exists(Path.Combine(folder, InstalledModel.ManifestFile)))
        .Select(folder => $"{Path.GetFileName(nameFolder)}@{Path.GetFileName(folder)}")
        .Where(ModelId.IsValid)
        .OrderBy(ModelId.VersionOf);

    private string FolderOf(string id) =>
        Path.Combine(Root, ModelId.NameOf(id), ModelId.VersionOf(id).ToString(CultureInfo.InvariantCulture));

    private void WriteManifest(ModelManifest manifest) =>
        ModelFiles.WriteJson(Path.Combine(FolderOf(manifest.Id), InstalledModel.ManifestFile), manifest, ModelJson.Default.ModelManifest);
}
