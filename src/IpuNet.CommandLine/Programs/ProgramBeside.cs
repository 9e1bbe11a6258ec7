using System.Diagnostics;
using System.Runtime.InteropServices;
using IpuNet.Contract;

namespace IpuNet.CommandLine.Programs;

/// <summary>A program of the product that another one starts. Both are published together, or built in the same source tree.</summary>
public sealed partial class ProgramBeside
{
    private const string Prefix = "ipunet-", Runtime = "dotnet";

    private readonly string _name, _project;

    private ProgramBeside(string name, string project) => (_name, _project) = (name, project);

    /// <summary>The program that users call.</summary>
    public static ProgramBeside IpuNet { get; } = new("ipunet", "src/IpuNet.Cli");

    /// <summary>The program that needs Torch.</summary>
    public static ProgramBeside Trainer { get; } = new("ipunet-trainer", "src/IpuNet.Trainer");

    /// <summary>The benchmarks.</summary>
    public static ProgramBeside Bench { get; } = new("ipunet-bench", "bench/IpuNet.Benchmarks");

    // The environment variable with its path, such as IPUNET_TRAINER.
    private string Variable => _name.ToUpperInvariant().Replace('-', '_');

    // The subfolder that may hold the program, such as "trainer".
    private string OwnFolder => _name.StartsWith(Prefix, StringComparison.Ordinal) ? _name[Prefix.Length..] : "";

    private static string Own => Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);

    /// <summary>Runs the program in place of this process: same terminal, same signals, same exit code.</summary>
    /// <remarks>On Unix the program replaces this process, and this method does not return. On Windows this process waits for it.</remarks>
    /// <returns>Its exit code.</returns>
    /// <exception cref="FaceDataException">The program is missing, or cannot be started.</exception>
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

    /// <summary>The command that starts the program; its arguments follow.</summary>
    /// <exception cref="FaceDataException">The program is missing; the message says what to do.</exception>
    public IReadOnlyList<string> Command()
    {
        string program = Find();
        // Started as `dotnet ipunet.dll`, this program may have the only runtime of the machine.
        return Path.GetFileNameWithoutExtension(Environment.ProcessPath) == Runtime && File.Exists($"{program}.dll")
            ? [Environment.ProcessPath!, $"{program}.dll"]
            : [OperatingSystem.IsWindows() ? $"{program}.exe" : program];
    }

    // The program's file without ".exe" or ".dll".
    private string Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } said)
        {
            return WithoutExtension(said) is var named && IsThere(named)
                ? named
                : throw new FaceDataException($"{Variable} names the program {said}, which does not exist. Correct or unset it.");
        }

        return Folders().Select(folder => Path.Combine(folder, _name)).FirstOrDefault(IsThere) ?? throw new FaceDataException(
            InTree(Own) is { } built
                ? $"This command needs the program {_name}, which is not in {built} yet: run `dotnet build {_project}`."
                : $"This command needs the program {_name}, which is missing. Add it from the source tree with `dotnet publish {_project} "
                + $"-c Release --use-current-runtime --no-self-contained -o {Own}`, or set {Variable} to its path.");
    }

    private IEnumerable<string> Folders()
    {
        yield return Own;
        yield return Path.Combine(Own, OwnFolder);
        // This program may itself be in a subfolder.
        string above = Path.GetDirectoryName(Own) ?? Own;
        if (((ProgramBeside[])[Trainer, Bench]).Any(other => other.OwnFolder == Path.GetFileName(Own)))
        {
            yield return above;
            yield return Path.Combine(above, OwnFolder);
        }

        if (InTree(Own) is { } built)
            yield return built;
    }

    // The same build puts the other program into {root}/src/{project}/bin/{configuration}/{framework}.
    private string? InTree(string own)
    {
        string bin = $"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}";
        int at = own.LastIndexOf(bin, StringComparison.Ordinal);
        return at > 0
            && Path.GetDirectoryName(Path.GetDirectoryName(own[..at])) is { } root && Directory.Exists(Path.Combine(root, _project))
            ? Path.Combine(root, _project, own[(at + 1)..])
            : null;
    }

    private static bool IsThere(string program) => File.Exists(OperatingSystem.IsWindows() ? $"{program}.exe" : program);

    private static string WithoutExtension(string program) =>
        OperatingSystem.IsWindows() && Path.GetExtension(program) == ".exe" ? Path.ChangeExtension(program, null) : program;

    // .NET removes its debugger sockets when a process ends. This process is replaced instead.
    private static void DeleteSockets()
    {
        foreach (string kind in (string[])["dotnet-diagnostic", "clr-debug-pipe"])
        {
            foreach (string socket in Directory.EnumerateFiles(Path.GetTempPath(), $"{kind}-{Environment.ProcessId}-*"))
                File.Delete(socket);
        }
    }

    // execv(3) keeps the environment, the open files and the process id.
    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Become(string program, string?[] arguments);
}
