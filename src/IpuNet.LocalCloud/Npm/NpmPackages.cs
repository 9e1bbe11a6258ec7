using System.Text.Json;
using IpuNet.Contract;
using IpuNet.Faces.Files;

namespace IpuNet.LocalCloud.Npm;

/// <summary>Installs npm packages into folders.</summary>
public static class NpmPackages
{
    /// <summary>The advice if Node is missing.</summary>
    public const string NodeRemedy = "Install Node.js 20 or later (https://nodejs.org).";

    // npm writes this file at the end of an installation.
    private static readonly string Record = Path.Combine("node_modules", ".package-lock.json");

    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs <c>npm install</c> without the packages' scripts.</summary>
    /// <param name="folder">The folder. It is created if it is missing.</param>
    /// <param name="packages">The packages, each as name@version. An empty list installs those in the folder's package.json.</param>
    /// <param name="cancellation">Ends npm.</param>
    /// <exception cref="FaceDataException">npm is missing, or failed.</exception>
    public static async Task InstallAsync(string folder, IReadOnlyList<string> packages, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        // npm keeps its cache in the home of the user. Without a home, it gets another folder.
        string[] cache = UserFolder.HasHome ? [] : ["--cache", UserFolder.Of("npm")];
        string[] arguments =
        [
            "install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--no-package-lock",
            "--prefer-offline", "--loglevel=error", .. cache, .. packages,
        ];
        await ProcessRun.RequireAsync(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", arguments, folder, NodeRemedy, cancellation);
    }

    /// <summary>
    /// Installs the packages of a package.json, unless they are installed already. Several processes may call this at once.
    /// </summary>
    /// <param name="folder">The folder. It is created if it is missing.</param>
    /// <param name="manifest">Content of the package.json, with an exact version of each package.</param>
    /// <param name="beforeInstall">Called before a download.</param>
    /// <param name="cancellation">Ends npm.</param>
    /// <exception cref="FaceDataException">npm is missing, or failed.</exception>
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
            return wanted.RootElement.GetProperty("dependencies").EnumerateObject().All(dependency =>
                packages.TryGetProperty($"node_modules/{dependency.Name}", out JsonElement package)
                && package.GetProperty("version").GetString() == dependency.Value.GetString());
        }
        catch (JsonException)
        {
            // Another process is writing the file.
            return false;
        }
    }

    // The holder deletes the file when it is done, so the file can be gone by now. Only the error code says that it was in use.
    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(
                    path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            }
            catch (IOException held) when (IsInUse(held))
            {
                await Task.Delay(LockPause, cancellation);
            }
        }
    }

    // EWOULDBLOCK, which is 11 on Linux and 35 on macOS; ERROR_SHARING_VIOLATION.
    private static bool IsInUse(IOException error) =>
        error.HResult == (OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : OperatingSystem.IsMacOS() ? 35 : 11);
}
