using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace IpuNet.Faces.Privacy;

/// <summary>Keeps a process's data private: no library sends telemetry, and only the user has access to new files.</summary>
public static partial class ProcessPrivacy
{
    // ONNX Runtime reads this variable once, when it starts. It then makes no machine id, records no events and sends none (its
    // Privacy.md).
    private const string OnnxRuntimeSwitch = "ORT_DISABLE_TELEMETRY";

    // The mask that makes files 0600 and folders 0700.
    private const uint OthersRights = 0b000_111_111;

    /// <summary>
    /// Closes new files and folders of this process and of its child processes to other users. Each program calls it first. Windows has no
    /// such setting: there files inherit the rights of their folder, and a user's own folders are closed to other users.
    /// </summary>
    public static void KeepFilesPrivate()
    {
        if (!OperatingSystem.IsWindows())
            _ = SetMask(OthersRights);
    }

    /// <summary>Switches telemetry off before any code of this assembly runs, and so before ONNX Runtime is loaded.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "ONNX Runtime reads the variable when it is loaded, so it must be set before.")]
    internal static void SilenceLibraries()
    {
        SetForLibraries(OnnxRuntimeSwitch, "1");
    }

    /// <summary>Sets an environment variable for this process, including native code, and for its child processes.</summary>
    /// <param name="name">The variable's name.</param>
    /// <param name="value">The variable's value.</param>
    internal static void SetForLibraries(string name, string value)
    {
        // For child processes, and on Windows also for native code.
        Environment.SetEnvironmentVariable(name, value);
        // On Unix .NET changes only its copy of the environment. Native code does not see it.
        if (!OperatingSystem.IsWindows())
            _ = SetVariable(name, value, overwrite: 1);
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint SetMask(uint rights);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
