using System.Diagnostics;
using IpuNet.CommandLine.Terminals;

namespace IpuNet.Cli.Bench.Life;

/// <summary>This program, started once more as a process of its own, as in production; what it says goes to this one's standard error.</summary>
internal sealed class OwnProgram : IDisposable
{
    private readonly Process _process;

    private OwnProgram(Process process) => _process = process;

    /// <summary>Ends with its exit code when it has ended.</summary>
    public async Task<int> ExitAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    /// <summary>Starts it.</summary>
    /// <param name="terminal">Shows what it says.</param>
    /// <param name="connectionString">The storage account; it is not to be seen among the arguments.</param>
    /// <param name="arguments">Its arguments.</param>
    public static OwnProgram Start(Terminal terminal, string connectionString, params IReadOnlyList<string> arguments)
    {
        string own = Path.Combine(AppContext.BaseDirectory, typeof(OwnProgram).Assembly.GetName().Name!);
        // Where tests or `dotnet ipunet.dll` run it, there is no program of that name, or it is not the one that runs.
        string[] command = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == Path.GetFileName(own) ? [Environment.ProcessPath!] : ["dotnet", own + ".dll"];
        var start = new ProcessStartInfo(command[0], [.. command[1..], .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["Storage__ConnectionString"] = connectionString },
        };
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Show(line.Data);
        process.ErrorDataReceived += (_, line) => Show(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new OwnProgram(process);

        void Show(string? line)
        {
            if (!string.IsNullOrWhiteSpace(line))
                terminal.Note($"  {arguments[0]}: {line}");
        }
    }

    /// <summary>Ends it at once, in the middle of whatever it does.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }
}
