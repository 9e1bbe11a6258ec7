using IpuNet.Cli.Npm;
using IpuNet.Cli.Terminals;
using IpuNet.Faces;
using IpuNet.Faces.Files;

namespace IpuNet.Cli.Import;

/// <summary>The npm package @vladmandic/face-api: six photos of groups, and the weights that the shipped models were made of.</summary>
internal static class FaceApiPackage
{
    public const string Name = "@vladmandic/face-api@1.7.15";

    /// <summary>Where <c>npm install</c> puts the package.</summary>
    public static string FolderIn(string npmFolder) => Path.Combine(npmFolder, "node_modules", "@vladmandic", "face-api");

    /// <summary>The six photos, fetched if need be: to where the models are if that is a folder for npm, else to the user's folder.</summary>
    /// <exception cref="FaceDataException">npm is not there, or it failed.</exception>
    public static async Task<IReadOnlyList<string>> PhotosAsync(string modelsFolder, Terminal terminal, CancellationToken cancellation)
    {
        bool isNpmFolder = File.Exists(Path.Combine(modelsFolder, "package.json"))
            && (UserFolder.CanWrite(modelsFolder) || Photos(FolderIn(modelsFolder)).Length > 0);
        string npmFolder = isNpmFolder ? modelsFolder : UserFolder.Of("photos");
        string package = FolderIn(npmFolder);
        if (Photos(package).Length == 0)
        {
            terminal.Note($"Fetching the photos ({Name}) into {npmFolder} ...");
            await NpmPackages.InstallAsync(npmFolder, isNpmFolder ? [] : [Name], cancellation);
        }

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
