using System.Diagnostics;
using System.Runtime.InteropServices;
using IpuNet.Faces;

namespace IpuNet.CommandLine.Programs;

/// <summary>A program of the product that another one starts: published with it, or built beside it in the source tree.</summary>
public sealed partial class ProgramBeside
{
    private const string Prefix = "ipunet-", Runtime = "dotnet";

    private readonly string _name, _project;

    private ProgramBeside(string name, string project) => (_name, _project) = (name, project);

    /// <summary>The program that users call.</summary>
    public static ProgramBeside IpuNet { get; } = new("ipunet", "src/IpuNet.Cli");

    /// <summary>All that needs Torch.</summary>
    public static ProgramBeside Trainer { get; } = new("ipunet-trainer", "src/IpuNet.Trainer");

    /// <summary>The benchmarks.</summary>
    public static ProgramBeside Bench { get; } = new("ipunet-bench", "bench/IpuNet.Benchmarks");

    // Where it is, where that is said: IPUNET_TRAINER.
    private string Variable => _name.ToUpperInvariant().Replace('-', '_');

    // The folder that it may have of its own: trainer.
    private string OwnFolder => _name.StartsWith(Prefix, StringComparison.Ordinal) ? _name[Prefix.Length..] : "";

    private static string Own => Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);

    /// <summary>Does a command line in this process's place: at the same terminal, with the same signals and the same exit code.</summary>
    /// <remarks>On Unix it becomes this very process, and this does not return. On Windows this waits for it.</remarks>
    /// <returns>Its exit code.</returns>
    /// <exception cref="FaceDataException">It is not there.</exception>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        string[] command = [.. Command(), .. arguments];
        if (!OperatingSystem.IsWindows())
        {
            DeleteSockets();
            _ = Become(command[0], [.. command, null]);
            throw new FaceDataException($"{command[0]} cannot be started: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]))!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>The program and the first of its arguments that start it; what is to be done follows.</summary>
    /// <exception cref="FaceDataException">It is not there; the message says what to do.</exception>
    public IReadOnlyList<string> Command()
    {
        string program = Find();
        // Where `dotnet ipunet.dll` runs this program, no other way may lead to a runtime.
        return Path.GetFileNameWithoutExtension(Environment.ProcessPath) == Runtime && File.Exists($"{program}.dll")
            ? [Environment.ProcessPath!, $"{program}.dll"]
            : [OperatingSystem.IsWindows() ? $"{program}.exe" : program];
    }

    // The program's file, but for ".exe" or ".dll".
    private string Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } said)
        {
            return WithoutExtension(said) is var named && IsThere(named)
                ? named
                : throw new FaceDataException($"{Variable} says that {_name} is {said}, but there is no such program.");
        }

        return Folders().Select(folder => Path.Combine(folder, _name)).FirstOrDefault(IsThere) ?? throw new FaceDataException(
            InTree(Own) is { } built
                ? $"This command is done by the program {_name}, which is not built yet: dotnet build {_project} ({built})."
                : $"This command is done by the program {_name}, which is not here. In the source tree, `dotnet publish {_project} -c Release --use-current-runtime --no-self-contained -o {Own}` adds it; or let {Variable} say where it is.");
    }

    private IEnumerable<string> Folders()
    {
        yield return Own;
        yield return Path.Combine(Own, OwnFolder);
        // This program may be in a folder of its own, too.
        string above = Path.GetDirectoryName(Own) ?? Own;
        if (((ProgramBeside[])[Trainer, Bench]).Any(other => other.OwnFolder == Path.GetFileName(Own)))
        {
            yield return above;
            yield return Path.Combine(above, OwnFolder);
        }

        if (InTree(Own) is { } built)
            yield return built;
    }

    // {root}/src/{project}/bin/{configuration and framework}: where the same build puts the other program.
    private string? InTree(string own)
    {
        string bin = $"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}";
        int at = own.LastIndexOf(bin, StringComparison.Ordinal);
        return at > 0 && Path.GetDirectoryName(Path.GetDirectoryName(own[..at])) is { } root && Directory.Exists(Path.Combine(root, _project))
            ? Path.Combine(root, _project, own[(at + 1)..])
            : null;
    }

    private static bool IsThere(string program) => File.Exists(OperatingSystem.IsWindows() ? $"{program}.exe" : program);

    private static string WithoutExtension(string program) =>
        OperatingSystem.IsWindows() && Path.GetExtension(program) == ".exe" ? Path.ChangeExtension(program, null) : program;

    // .NET removes its sockets for debuggers when a process ends, which this one does not.
    private static void DeleteSockets()
    {
        foreach (string kind in (string[])["dotnet-diagnostic", "clr-debug-pipe"])
        {
            foreach (string socket in Directory.EnumerateFiles(Path.GetTempPath(), $"{kind}-{Environment.ProcessId}-*"))
                File.Delete(socket);
        }
    }

    // execv(3): the environment, the open files and the process's id stay.
    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Become(string program, string?[] arguments);
}
