using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using IpuNet.Faces.Files;

namespace IpuNet.Training.Torch;

/// <summary>
/// Loads TorchSharp's native library where the system's libstdc++ is older than the one it was built with (Debian 12,
/// Ubuntu 22.04). Does nothing where the library loads as it is, and on other systems than Linux.
/// </summary>
internal static class TorchNativeLibrary
{
    private const string Name = "libLibTorchSharp.so";

    // What the library needs, in the order in which it must be loaded.
    private static readonly string[] Dependencies = ["libgomp*", "libc10.so", "libtorch_cpu.so", "libtorch.so"];

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "TorchSharp looks for its library at first use, wherever that is; it must be loaded before.")]
    internal static void Load()
    {
        if (!OperatingSystem.IsLinux())
            return;
        string folder = NativeFolder();
        string shipped = Path.Combine(folder, Name);
        if (!File.Exists(shipped))
            return;

        foreach (string pattern in Dependencies)
        {
            foreach (string path in Directory.EnumerateFiles(folder, pattern))
                _ = NativeLibrary.TryLoad(path, out _);
        }
        if (NativeLibrary.TryLoad(shipped, out _))
            return;

        // TorchSharp finds the loaded copy by its soname.
        string cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "ipunet", "native");
        if (WritePatchedCopy(shipped, cache) is { } copy)
            NativeLibrary.Load(copy);
    }

    // A program published for one system has its libraries beside it, any other in a folder a system.
    private static string NativeFolder()
    {
        string system = RuntimeInformation.RuntimeIdentifier.Contains("arm64", StringComparison.Ordinal) ? "linux-arm64" : "linux-x64";
        string folder = Path.Combine(AppContext.BaseDirectory, "runtimes", system, "native");
        return Directory.Exists(folder) ? folder : AppContext.BaseDirectory;
    }

    /// <summary>Writes a patched copy of a library, named by the hash of the original, once.</summary>
    /// <returns>The copy's path, or null where the patch does not apply (TorchSharp then reports its own error).</returns>
    internal static string? WritePatchedCopy(string library, string cacheFolder)
    {
        byte[] image = File.ReadAllBytes(library);
        string copy = Path.Combine(cacheFolder, Convert.ToHexStringLower(SHA256.HashData(image)), Name);
        if (File.Exists(copy))
            return copy;
        try
        {
            ElfLibstdcxxPatch.Apply(image);
        }
        catch (InvalidDataException)
        {
            return null;
        }
        WholeFile.Write(copy, image, durable: false);
        return copy;
    }
}
