using System.Text.Json;
using IpuNet.Contract;

namespace IpuNet.Training.Import;

/// <summary>An npm package that ships weights.</summary>
/// <param name="Name">The package's name.</param>
/// <param name="Version">The version that is imported.</param>
/// <param name="Address">The address of its source code.</param>
internal sealed record NpmSource(string Name, string Version, string Address)
{
    /// <summary>Name and version, for manifests.</summary>
    public string Id => $"{Name}@{Version}";

    /// <summary>Checks that a folder holds the package.</summary>
    /// <exception cref="FaceDataException">The folder is missing, or holds another package or version.</exception>
    public void Require(string folder)
    {
        string path = Path.Combine(folder, "package.json");
        string found;
        try
        {
            using JsonDocument package = JsonDocument.Parse(File.ReadAllBytes(path), StrictJson.Document);
            found = $"{package.RootElement.GetProperty("name")}@{package.RootElement.GetProperty("version")}";
        }
        catch (Exception e) when (e is IOException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FaceDataException(
                $"{folder}: is not the package {Name} ({e.Message}). Run 'npm install' in the folder 'models'.", e);
        }

        if (found != Id)
            throw new FaceDataException(
                $"{folder}: is {found}, but {Id} is needed. Run 'npm install' in the folder 'models'.");
    }
}
