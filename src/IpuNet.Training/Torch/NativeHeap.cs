using System.Runtime.InteropServices;

namespace IpuNet.Training.Torch;

/// <summary>
/// Keeps glibc from giving large blocks back to the system after each operation and taking them anew, page by page, for
/// the next: every training step needs the same blocks again.
/// </summary>
internal static partial class NativeHeap
{
    // mallopt(3), malloc.h.
    private const int TrimThreshold = -1, MmapMax = -4;

    /// <summary>Lets the process keep freed memory. Does nothing with another C library.</summary>
    public static void KeepFreedMemory()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = SetOption(MmapMax, 0);
            _ = SetOption(TrimThreshold, int.MaxValue);
        }
        catch (EntryPointNotFoundException)
        {
            // musl has no mallopt.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
