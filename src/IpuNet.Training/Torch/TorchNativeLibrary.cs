using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Microsoft.Win32.SafeHandles;

namespace IpuNet.Training.Torch;

/// <summary>
/// Loads the native library of TorchSharp on systems with an older libstdc++ than the library was built with (Debian 12, Ubuntu 22.04).
/// .NET calls this class only after the library failed to load. So it does nothing if the library loads without it, if the system is not
/// Linux, or if the process does not use Torch.
/// </summary>
internal static partial class TorchNativeLibrary
{
    private const string Name = "LibTorchSharp", FileName = $"lib{Name}.so";

    // memfd_create(2): MFD_CLOEXEC.
    private const uint CloseOnExecute = 1;

    // The libraries that this library needs, in the order of loading.
    private static readonly string[] Dependencies = ["libgomp*", "libc10.so", "libtorch_cpu.so", "libtorch.so"];

    private static readonly Lazy<nint> Patched = new(LoadPatched);

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "TorchSharp looks for its library at its first use, which can be anywhere.")]
    internal static void Register()
    {
        if (OperatingSystem.IsLinux())
            AssemblyLoadContext.Default.ResolvingUnmanagedDll += Resolve;
    }

    private static nint Resolve(Assembly asking, string library) => library is Name or FileName ? Patched.Value : 0;

    // Returns 0 if there is nothing to patch. TorchSharp then reports its own error.
    private static nint LoadPatched()
    {
        string folder = NativeFolder(), shipped = Path.Combine(folder, FileName);
        if (!File.Exists(shipped))
            return 0;
        byte[] image = File.ReadAllBytes(shipped);
        try
        {
            ElfLibstdcxxPatch.Apply(image);
        }
        catch (InvalidDataException)
        {
            return 0;
        }

        foreach (string pattern in Dependencies)
        {
            foreach (string path in Directory.EnumerateFiles(folder, pattern))
                _ = NativeLibrary.TryLoad(path, out _);
        }

        return LoadFromMemory(image);
    }

    /// <summary>
    /// Loads a library from memory, without a file on disk. So no folder has to be writable, and nobody can put another file in its place.
    /// </summary>
    /// <exception cref="IOException">The system gives no memory for the library.</exception>
    /// <exception cref="DllNotFoundException">The library does not load.</exception>
    internal static nint LoadFromMemory(ReadOnlySpan<byte> image)
    {
        using var file = new SafeFileHandle(CreateMemoryFile(FileName, CloseOnExecute), ownsHandle: true);
        if (file.IsInvalid)
            throw new IOException($"{FileName}: the system gives no memory to load it from: {Marshal.GetLastPInvokeErrorMessage()}.");
        RandomAccess.Write(file, image, 0);
        nint library = NativeLibrary.Load($"/proc/self/fd/{file.DangerousGetHandle()}");
        // The loader knows a library by its path, and this path has the number of the open file. The file stays open, so that no later file
        // gets the same number.
        file.SetHandleAsInvalid();
        return library;
    }

    // A program that is published for one system has its libraries beside it. Any other has a folder of libraries for each system.
    private static string NativeFolder()
    {
        string system = RuntimeInformation.RuntimeIdentifier.Contains("arm64", StringComparison.Ordinal) ? "linux-arm64" : "linux-x64";
        string folder = Path.Combine(AppContext.BaseDirectory, "runtimes", system, "native");
        return Directory.Exists(folder) ? folder : AppContext.BaseDirectory;
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateMemoryFile(string name, uint flags);
}
