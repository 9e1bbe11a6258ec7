using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace IpuNet.Faces.Files;

/// <summary>
/// Brings a folder's entries to the disk. On Unix a rename or deletion survives a power cut only once the folder itself is flushed.
/// </summary>
internal static partial class FolderFlush
{
    private const int ReadOnly = 0;

    // What fsync answers where the file system (some network ones) cannot flush a folder; there is no more to be had there.
    private const int InvalidArgument = 22;

    /// <summary>Flushes the folder; does nothing on Windows, whose file system keeps a journal of names.</summary>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;

        var descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
            throw Failure(folder);
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Fsync(handle) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument)
            throw Failure(folder);
    }

    private static IOException Failure(string folder) =>
        new($"{folder}: cannot be flushed to the disk: {Marshal.GetLastPInvokeErrorMessage()}.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);
}
