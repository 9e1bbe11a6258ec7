using IpuNet.Faces;
using IpuNet.Faces.Files;

namespace IpuNet.Cli.Npm;

/// <summary>Packages of npm's in folders of their own.</summary>
internal static class NpmPackages
{
    /// <summary>What to do where Node is missing.</summary>
    public const string NodeRemedy = "Install Node.js 20 or later (https://nodejs.org).";

    private const string Stamp = ".installed";
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
                "install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--no-package-lock",
                "--loglevel=error", .. cache, .. packages,
            ],
            folder,
            NodeRemedy,
            cancellation);
    }

    /// <summary>Installs what a package.json names, unless that has been done; several processes may ask at once.</summary>
    /// <param name="folder">Where; made where it is missing.</param>
    /// <param name="manifest">Content of the package.json.</param>
    /// <param name="beforeInstall">Called where something is to be fetched.</param>
    /// <param name="cancellation">Ends npm.</param>
    /// <exception cref="FaceDataException">npm is not there, or it failed.</exception>
    public static async Task InstallOnceAsync(string folder, string manifest, Action beforeInstall, CancellationToken cancellation)
    {
        string stamp = Path.Combine(folder, Stamp);
        if (IsInstalled())
            return;
        Directory.CreateDirectory(folder);
        using FileStream only = await LockAsync(Path.Combine(folder, ".lock"), cancellation);
        if (IsInstalled())
            return;

        beforeInstall();
        await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), manifest, cancellation);
        await InstallAsync(folder, [], cancellation);
        await File.WriteAllTextAsync(stamp, manifest, cancellation);

        bool IsInstalled() => File.Exists(stamp) && File.ReadAllText(stamp) == manifest;
    }

    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(LockPause, cancellation);
            }
        }
    }
}
