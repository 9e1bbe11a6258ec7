using System.Security.Cryptography;
using System.Text;
using IpuNet.Faces;
using IpuNet.Faces.Files;
using IpuNet.LocalCloud.Npm;

namespace IpuNet.LocalCloud;

/// <summary>Azurite, fetched by npm into the user's folder on first use; the version is that of infra/local/package.json.</summary>
public static class AzuritePackage
{
    private const string Manifest = "azurite/package.json", Script = "azurite.mjs";
    private const int VersionDigits = 12;
    private static readonly string[] Scripts = [Script, "erasure.mjs", "journal.mjs", "room.mjs"];

    /// <summary>Fetches it where it is missing; several processes may ask at once.</summary>
    /// <param name="note">Is told what takes long.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The script that runs it.</returns>
    /// <exception cref="FaceDataException">npm is not there, or it failed.</exception>
    public static async Task<string> EnsureAsync(Action<string> note, CancellationToken cancellation)
    {
        string folder = UserFolder.Of("azurite");
        await NpmPackages.InstallOnceAsync(
            folder, Resource(Manifest), () => note($"Fetching Azurite into {folder}, which takes a minute, and only the first time ..."), cancellation);

        // Each version of ipunet has scripts of its own, and others may run at the same time.
        string[] sources = [.. Scripts.Select(name => Resource($"azurite/{name}"))];
        string version = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(sources))))[..VersionDigits];
        string scripts = Path.Combine(folder, $"scripts-{version}");
        foreach (var (name, source) in Scripts.Zip(sources))
        {
            string script = Path.Combine(scripts, name);
            if (!File.Exists(script) || await File.ReadAllTextAsync(script, cancellation) != source)
                await WholeFile.WriteAsync(script, Encoding.UTF8.GetBytes(source), durable: false, cancellation);
        }

        return Path.Combine(scripts, Script);
    }

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(AzuritePackage).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
