using System.Text.Json;
using IpuNet.Faces;
using IpuNet.Faces.Files;

namespace IpuNet.LocalCloud.Npm;

/// <summary>Packages of npm's in folders of their own.</summary>
public static class NpmPackages
{
    /// <summary>What to do where Node is missing.</summary>
    public const string NodeRemedy = "Install Node.js 20 or later (https://nodejs.org).";

    // npm writes down what is installed as the last thing that it does.
    private static readonly string Record = Path.Combine("node_modules", ".package-lock.json");

    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs <c>npm install</c>; no package's scripts are run.</summary>
    /// <param name="folder">Where; made where it is missing.</param>
    /// <param name="packages">Name and version each; none for those of the folder's package.json.</param>
    /// <param name="cancellation">Ends npm.</param>
    /// <exception cref="FaceDataException">npm is not there, or it failed.</exception>
    public static async Task InstallAsync(string folder, IReadOnlyList<string> packages, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        // npm keeps what it downloads in the user's home.
        string[] cache = UserFolder.HasHome ? [] : ["--cache", UserFolder.Of("npm")];
        await ProcessRun.RequireAsync(
            OperatingSystem.IsWindows() ? "npm.cmd" : "npm",
            [
                "install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--no-package-lock", "--prefer-offline",
                "--loglevel=error", .. cache, .. packages,
            ],
            folder,
            NodeRemedy,
            cancellation);
    }

    /// <summary>Installs what a package.json names, unless that has been done, also by hand; several processes may ask at once.</summary>
    /// <param name="folder">Where; made where it is missing.</param>
    /// <param name="manifest">Content of the package.json, with an exact version of each package.</param>
    /// <param name="beforeInstall">Called where something is to be fetched.</param>
    /// <param name="cancellation">Ends npm.</param>
    /// <exception cref="FaceDataException">npm is not there, or it failed.</exception>
    public static async Task InstallOnceAsync(string folder, string manifest, Action beforeInstall, CancellationToken cancellation)
    {
        if (IsInstalled(folder, manifest))
            return;
        Directory.CreateDirectory(folder);
        using FileStream only = await LockAsync(Path.Combine(folder, ".lock"), cancellation);
        if (IsInstalled(folder, manifest))
            return;

        beforeInstall();
        string file = Path.Combine(folder, "package.json");
        if (!File.Exists(file) || await File.ReadAllTextAsync(file, cancellation) != manifest)
            await File.WriteAllTextAsync(file, manifest, cancellation);
        await InstallAsync(folder, [], cancellation);
    }

    private static bool IsInstalled(string folder, string manifest)
    {
        string record = Path.Combine(folder, Record);
        if (!File.Exists(record))
            return false;
        try
        {
            using JsonDocument wanted = JsonDocument.Parse(manifest), found = JsonDocument.Parse(File.ReadAllBytes(record));
            JsonElement packages = found.RootElement.GetProperty("packages");
            return wanted.RootElement.GetProperty("dependencies").EnumerateObject().All(wish =>
                packages.TryGetProperty($"node_modules/{wish.Name}", out JsonElement package)
                && package.GetProperty("version").GetString() == wish.Value.GetString());
        }
        catch (JsonException)
        {
            // Another process is writing it.
            return false;
        }
    }

    // The file is gone as soon as its holder is done, so that it says nothing about why it could not be opened.
    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            }
            catch (IOException held) when (IsOfSharing(held))
            {
                await Task.Delay(LockPause, cancellation);
            }
        }
    }

    // EWOULDBLOCK, which is 11 on Linux and 35 on macOS; ERROR_SHARING_VIOLATION.
    private static bool IsOfSharing(IOException error) =>
        error.HResult == (OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : OperatingSystem.IsMacOS() ? 35 : 11);
}
