using IpuNet.Faces;
using IpuNet.Faces.Files;

namespace IpuNet.LocalCloud.Npm;

/// <summary>The npm package @vladmandic/face-api: six photos of groups, and the weights that the shipped models were made of.</summary>
public static class FaceApiPackage
{
    /// <summary>Its name and version, as npm takes them.</summary>
    public const string Name = $"{Package}@{Version}";

    private const string Package = "@vladmandic/face-api", Version = "1.7.15";
    private const string Manifest = $$$"""{"private":true,"dependencies":{"{{{Package}}}":"{{{Version}}}"}}""";

    /// <summary>Where <c>npm install</c> puts the package.</summary>
    public static string FolderIn(string npmFolder) => Path.Combine(npmFolder, "node_modules", "@vladmandic", "face-api");

    /// <summary>
    /// The package's folder; fetched if need be: to where the models are if that is a folder for npm, else to the user's folder.
    /// </summary>
    /// <param name="modelsFolder">Where the models are.</param>
    /// <param name="note">Is told what takes long.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FaceDataException">npm is not there, or it failed.</exception>
    public static async Task<string> EnsureAsync(string modelsFolder, Action<string> note, CancellationToken cancellation)
    {
        string models = Path.Combine(modelsFolder, "package.json");
        bool isNpmFolder = File.Exists(models) && (UserFolder.CanWrite(modelsFolder) || Photos(FolderIn(modelsFolder)).Length > 0);
        string npmFolder = isNpmFolder ? modelsFolder : UserFolder.Of("photos");
        await NpmPackages.InstallOnceAsync(
            npmFolder,
            isNpmFolder ? await File.ReadAllTextAsync(models, cancellation) : Manifest,
            () => note($"Fetching the photos ({Name}) into {npmFolder} ..."),
            cancellation);
        return FolderIn(npmFolder);
    }

    /// <summary>The six photos; fetched if need be, as <see cref="EnsureAsync"/> does.</summary>
    /// <exception cref="FaceDataException">npm is not there, or it failed.</exception>
    public static async Task<IReadOnlyList<string>> PhotosAsync(string modelsFolder, Action<string> note, CancellationToken cancellation)
    {
        string package = await EnsureAsync(modelsFolder, note, cancellation);
        return Photos(package) is { Length: > 0 } photos
            ? photos
            : throw new FaceDataException($"{package}: npm installed it, but there are no photos in demo/. Delete the folder and try again.");
    }

    private static string[] Photos(string package)
    {
        string demo = Path.Combine(package, "demo");
        return Directory.Exists(demo) ? [.. Directory.GetFiles(demo, "sample*.jpg").Order(StringComparer.Ordinal)] : [];
    }
}
