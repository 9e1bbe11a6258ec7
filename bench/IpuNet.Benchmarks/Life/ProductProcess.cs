using System.Diagnostics;
using IpuNet.CommandLine.Programs;
using IpuNet.CommandLine.Terminals;

namespace IpuNet.Benchmarks.Life;

/// <summary>A program of the product in a separate process, as in production. Its output goes to this one's standard error.</summary>
internal sealed class ProductProcess : IDisposable
{
    private readonly Process _process;

    private ProductProcess(Process process) => _process = process;

    /// <summary>Waits for the end of the process, and returns its exit code.</summary>
    public async Task<int> ExitAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    /// <summary>Starts a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="terminal">Shows its output.</param>
    /// <param name="connectionString">The storage account. It goes into the environment, because other users can see arguments.</param>
    /// <param name="arguments">The arguments.</param>
    public static ProductProcess Start(
        ProgramBeside program, Terminal terminal, string connectionString, params IReadOnlyList<string> arguments)
    {
        IReadOnlyList<string> command = program.Command();
        var start = new ProcessStartInfo(command[0], [.. command.Skip(1), .. arguments])
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
        return new ProductProcess(process);

        void Show(string? line)
        {
            if (!string.IsNullOrWhiteSpace(line))
                terminal.Note($"  {arguments[0]}: {line}");
        }
    }

    /// <summary>Kills the process.</summary>
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
