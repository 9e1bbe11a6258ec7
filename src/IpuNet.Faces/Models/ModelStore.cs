using System.Globalization;
using System.Security.Cryptography;
using IpuNet.Faces.Files;

namespace IpuNet.Faces.Models;

/// <summary>
/// A folder of models: <c>{name}/{version}/model.onnx</c> with <c>manifest.json</c>, and <c>current.json</c>, which says which are in use.
/// What is installed never changes, except for the measurements in its manifest; a better model is a new version.
/// </summary>
/// <param name="root">The folder.</param>
public sealed class ModelStore(string root)
{
    /// <summary>The environment variable that <see cref="Locate"/> looks at first.</summary>
    public const string LocationVariable = "IPUNET_MODELS";

    private const string FolderName = "models";
    private const string CurrentFile = "current.json";

    private readonly InstalledModel? _instead;

    private ModelStore(string root, InstalledModel instead)
        : this(root) => _instead = instead;

    /// <summary>The folder.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>The models in use; none where nothing says so.</summary>
    /// <exception cref="FaceDataException">The file cannot be used.</exception>
    public CurrentModels Current => _instead is null ? Saved : Saved.With(_instead.Manifest.Kind, _instead.Id);

    /// <summary>The ids of all models, by name, then by version.</summary>
    public IReadOnlyList<string> Ids =>
        [.. Directory.Exists(Root) ? Directory.GetDirectories(Root).Order(StringComparer.Ordinal).SelectMany(Versions) : []];

    private CurrentModels Saved => File.Exists(CurrentPath) ? ModelFiles.ReadJson(CurrentPath, ModelJson.Default.CurrentModels, c => c.Schema) : new();

    private string CurrentPath => Path.Combine(Root, CurrentFile);

    /// <summary>
    /// Finds the folder: what IPUNET_MODELS says; or "models", with a current.json in it, beside the program or in a folder above it
    /// (a published program, and one run from a clone); or the same in the current directory or above it.
    /// </summary>
    /// <exception cref="FaceDataException">There is none.</exception>
    public static ModelStore Locate()
    {
        if (Environment.GetEnvironmentVariable(LocationVariable) is { Length: > 0 } configured)
        {
            return Directory.Exists(configured)
                ? new ModelStore(configured)
                : throw new FaceDataException($"{configured}: this folder does not exist, and {LocationVariable} says that the models are there.");
        }

        return Above(AppContext.BaseDirectory) ?? Above(Environment.CurrentDirectory) ?? throw new FaceDataException(
            $"No folder '{FolderName}' with a {CurrentFile} is at {AppContext.BaseDirectory}, at {Environment.CurrentDirectory}, or above them. "
            + $"Set {LocationVariable} to the folder of the models.");
    }

    /// <summary>Finds a model.</summary>
    /// <param name="id">"name@version", or "name" for its highest version.</param>
    /// <exception cref="FaceDataException">There is no such model, or its manifest cannot be used.</exception>
    public InstalledModel Find(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        string? found = Ids.LastOrDefault(known => known == id || (!id.Contains('@') && ModelId.NameOf(known) == id));
        if (found is null)
            throw new FaceDataException($"There is no model '{id}' in {Root}. {(Ids is [] ? "It has none." : $"It has {string.Join(", ", Ids)}.")}");

        string folder = FolderOf(found);
        string path = Path.Combine(folder, InstalledModel.ManifestFile);
        ModelManifest manifest = ModelFiles.ReadJson(path, ModelJson.Default.ModelManifest, m => m.Schema);
        return manifest.Id == found
            ? new InstalledModel(manifest, folder)
            : throw new FaceDataException($"{path}: speaks of '{manifest.Id}', and the folder is that of '{found}'.");
    }

    /// <summary>The model in use of a kind.</summary>
    /// <exception cref="FaceDataException">None is in use, or it cannot be used.</exception>
    public InstalledModel FindCurrent(ModelKind kind)
    {
        string? id = Current.Of(kind);
        if (id is null)
            throw new FaceDataException($"{CurrentPath}: names no {Describe(kind)}. {(Ids is [] ? "No model is installed." : $"Installed are {string.Join(", ", Ids)}.")}");

        return Find(id).Require(kind);
    }

    /// <summary>Adds a model. Installing the same file once more renews its manifest, and keeps what was measured.</summary>
    /// <param name="manifest">What is known of it; the SHA-256 is filled in.</param>
    /// <param name="model">The ONNX file.</param>
    /// <exception cref="FaceDataException">The id cannot be one, or this version is there already with another file.</exception>
    public InstalledModel Install(ModelManifest manifest, byte[] model)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        _ = ModelId.Require(manifest.Id);
        manifest = manifest with { Sha256 = Convert.ToHexStringLower(SHA256.HashData(model)) };
        if (Ids.Contains(manifest.Id))
        {
            ModelManifest present = Find(manifest.Id).Manifest;
            if (present.Sha256 != manifest.Sha256)
                throw new FaceDataException($"{manifest.Id} is in {Root} already, with another file. Install it as version {NextVersion(manifest.Name)}.");
            manifest = manifest with { Evaluation = manifest.Evaluation ?? present.Evaluation, Policies = manifest.Policies ?? present.Policies };
        }

        var installed = new InstalledModel(manifest, FolderOf(manifest.Id));
        WholeFile.Write(installed.Path, model, durable: true);
        WriteManifest(manifest);
        return installed;
    }

    /// <summary>Replaces what is known of an installed model, such as its evaluation and policy. The SHA-256 stays.</summary>
    /// <exception cref="FaceDataException">There is no such model.</exception>
    public InstalledModel Update(ModelManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        string sha256 = Find(manifest.Id).Manifest.Sha256;
        WriteManifest(manifest with { Sha256 = sha256 });
        return Find(manifest.Id);
    }

    /// <summary>The same folder as if another recogniser were in use. The folder stays as it is.</summary>
    /// <param name="id">The recogniser, "name@version", or "name" for its highest version.</param>
    /// <exception cref="FaceDataException">There is no such model, or it is no recogniser.</exception>
    public ModelStore WithRecogniser(string id) => new(Root, Find(id).Require(ModelKind.Recogniser));

    /// <summary>Puts a model in use in place of the one of its kind.</summary>
    public void Use(InstalledModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        ModelFiles.WriteJson(CurrentPath, Saved.With(model.Manifest.Kind, model.Id), ModelJson.Default.CurrentModels);
    }

    /// <summary>The version that a new model of this name gets.</summary>
    public int NextVersion(string name) => Ids.Where(id => ModelId.NameOf(id) == name).Select(ModelId.VersionOf).DefaultIfEmpty().Max() + 1;

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

    private static string Describe(ModelKind kind) => kind == ModelKind.Landmarks ? "landmark net" : kind.ToString().ToLowerInvariant();

    private string FolderOf(string id) => Path.Combine(Root, ModelId.NameOf(id), ModelId.VersionOf(id).ToString(CultureInfo.InvariantCulture));

    private void WriteManifest(ModelManifest manifest) =>
        ModelFiles.WriteJson(Path.Combine(FolderOf(manifest.Id), InstalledModel.ManifestFile), manifest, ModelJson.Default.ModelManifest);
}
