using IpuNet.Contract;
using IpuNet.Faces.Files;

namespace IpuNet.LocalCloud.Npm;

/// <summary>The npm package @vladmandic/face-api, with six group photos and the weights of the shipped models.</summary>
public static class FaceApiPackage
{
    /// <summary>Name and version for npm.</summary>
    public const string Name = $"{Package}@{Version}";

    private const string Package = "@vladmandic/face-api", Version = "1.7.15";
    private const string Manifest = $$$"""{"private":true,"dependencies":{"{{{Package}}}":"{{{Version}}}"}}""";

    /// <summary>The folder in which <c>npm install</c> puts the package.</summary>
    public static string FolderIn(string npmFolder) => Path.Combine(npmFolder, "node_modules", "@vladmandic", "face-api");

    /// <summary>
    /// Fetches the package if it is missing: into the folder of models if that has a package.json, otherwise into the user's folder.
    /// </summary>
    /// <param name="modelsFolder">The folder of models.</param>
    /// <param name="note">Gets messages for the user.</param>
    /// <param name="cancellation">Stops the download.</param>
    /// <returns>The folder of the package.</returns>
    /// <exception cref="FaceDataException">npm is missing, or failed.</exception>
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

    /// <summary>Finds the six photos. Fetches the package if it is missing, as <see cref="EnsureAsync"/> does.</summary>
    /// <exception cref="FaceDataException">npm is missing, or failed.</exception>
    public static async Task<IReadOnlyList<string>> PhotosAsync(string modelsFolder, Action<string> note, CancellationToken cancellation)
    {
        string package = await EnsureAsync(modelsFolder, note, cancellation);
        return Photos(package) is { Length: > 0 } photos
            ? photos
            : throw new FaceDataException(
                $"{package}: the package has no photos in demo/. Delete the folder and try again.");
    }

    private static string[] Photos(string package)
    {
        string demo = Path.Combine(package, "demo");
        return Directory.Exists(demo) ? [.. Directory.GetFiles(demo, "sample*.jpg").Order(StringComparer.Ordinal)] : [];
    }
}
