using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace IpuNet.Faces.Privacy;

/// <summary>Has a process keep to itself what it works with: no library reports to its maker, and its files are its user's alone.</summary>
public static partial class ProcessPrivacy
{
    // ONNX Runtime looks at it once, when it starts: it then makes no id of the machine, keeps no events, sends none (its Privacy.md).
    private const string OnnxRuntimeSwitch = "ORT_DISABLE_TELEMETRY";

    // Whoever is not the user neither reads nor writes: files 0600, folders 0700.
    private const uint OthersRights = 0b000_111_111;

    /// <summary>
    /// Keeps new files and folders of this process, and of those that it starts, from everybody but its user. Each program calls it first.
    /// Windows has no such setting: there a file has the rights of its folder, and a user's own folders are closed to others.
    /// </summary>
    public static void KeepFilesPrivate()
    {
        if (!OperatingSystem.IsWindows())
            _ = SetMask(OthersRights);
    }

    /// <summary>Before anything of this assembly runs, and so before it loads ONNX Runtime.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "ONNX Runtime looks when it is loaded, wherever that is; it must be told before.")]
    internal static void SilenceLibraries()
    {
        SetForLibraries(OnnxRuntimeSwitch, "1");
    }

    /// <summary>Sets a variable of the environment for this process, native code among it, and for those that it starts.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    internal static void SetForLibraries(string name, string value)
    {
        // For processes that this one starts, and on Windows for native code, too.
        Environment.SetEnvironmentVariable(name, value);
        // On Unix .NET changes a copy of the environment, which native code does not see.
        if (!OperatingSystem.IsWindows())
            _ = SetVariable(name, value, overwrite: 1);
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint SetMask(uint rights);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
