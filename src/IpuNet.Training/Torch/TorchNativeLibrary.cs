using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Microsoft.Win32.SafeHandles;

namespace IpuNet.Training.Torch;

/// <summary>
/// Loads TorchSharp's native library where the system's libstdc++ is older than the one it was built with (Debian 12,
/// Ubuntu 22.04). .NET asks for it when the library was wanted and did not load; so where it loads as it is, on other systems
/// than Linux, and in a process that does nothing with Torch, nothing is done.
/// </summary>
internal static partial class TorchNativeLibrary
{
    private const string Name = "LibTorchSharp", FileName = $"lib{Name}.so";

    // memfd_create(2): MFD_CLOEXEC.
    private const uint CloseOnExecute = 1;

    // What the library needs, in the order in which it must be loaded.
    private static readonly string[] Dependencies = ["libgomp*", "libc10.so", "libtorch_cpu.so", "libtorch.so"];

    private static readonly Lazy<nint> Patched = new(LoadPatched);

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "TorchSharp looks for its library at first use, wherever that is.")]
    internal static void Register()
    {
        if (OperatingSystem.IsLinux())
            AssemblyLoadContext.Default.ResolvingUnmanagedDll += Resolve;
    }

    private static nint Resolve(Assembly asking, string library) => library is Name or FileName ? Patched.Value : 0;

    // 0 if there is nothing to patch: TorchSharp then reports its own error.
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

    /// <summary>Loads a library that is no file: no folder need be writable for it, and nobody else can put another in its place.</summary>
    /// <exception cref="IOException">The system gives no memory for it.</exception>
    /// <exception cref="DllNotFoundException">It does not load.</exception>
    internal static nint LoadFromMemory(ReadOnlySpan<byte> image)
    {
        using var file = new SafeFileHandle(CreateMemoryFile(FileName, CloseOnExecute), ownsHandle: true);
        if (file.IsInvalid)
            throw new IOException($"{FileName}: there is no memory to load it from: {Marshal.GetLastPInvokeErrorMessage()}.");
        RandomAccess.Write(file, image, 0);
        nint library = NativeLibrary.Load($"/proc/self/fd/{file.DangerousGetHandle()}");
        // The loader knows a library by its path. So that no later file gets this one's number, it stays open.
        file.SetHandleAsInvalid();
        return library;
    }

    // A program published for one system has its libraries beside it, any other in a folder a system.
    private static string NativeFolder()
    {
        string system = RuntimeInformation.RuntimeIdentifier.Contains("arm64", StringComparison.Ordinal) ? "linux-arm64" : "linux-x64";
        string folder = Path.Combine(AppContext.BaseDirectory, "runtimes", system, "native");
        return Directory.Exists(folder) ? folder : AppContext.BaseDirectory;
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateMemoryFile(string name, uint flags);
}
