using System.Runtime.InteropServices;

namespace IpuNet.Training.Torch;

/// <summary>
/// Makes glibc keep the memory that the program frees. By default glibc returns large blocks to the system after each operation, and then
/// takes them again, page by page, for the next. Every training step needs the same blocks again.
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
