using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using IpuNet.Faces.Files;
using IpuNet.LocalCloud;

namespace IpuNet.Cli.Tests;

/// <summary><c>ipunet</c> as users run it, a process of its own, with a home folder of its own.</summary>
internal sealed class IpuNetProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new(), _errors = new();
    private readonly SemaphoreSlim _more = new(0);

    private IpuNetProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Add(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Add(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output => string.Join('\n', _output);

    public string Errors => string.Join('\n', _errors);

    /// <summary>Makes a home folder, with Azurite as it was fetched for all tests.</summary>
    public static async Task MakeHomeAsync(TestFolder folder)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent by 'kill'.");
        await AzuriteFixture.Package.PathAsync();
        Directory.CreateSymbolicLink(Path.Combine(folder.Folder("home/ipunet"), "azurite"), UserFolder.Of("azurite"));
    }

    /// <summary>Removes a folder, once no local cloud writes to its data: an Azurite whose `up` was killed may still do so.</summary>
    public static async ValueTask RemoveHomeAsync(TestFolder folder)
    {
        if (Directory.Exists(folder["data"]))
            (await DataFolder.TakeAsync(folder["data"], _ => { }, CancellationToken.None)).Dispose();
        folder.Dispose();
    }

    /// <param name="home">Folder for what the program keeps for its user.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="path">The PATH variable; null for that of the tests.</param>
    public static IpuNetProcess Start(string home, IEnumerable<string> arguments, string? path = null) =>
        Start(arguments, new() { ["XDG_DATA_HOME"] = home, ["PATH"] = path ?? Environment.GetEnvironmentVariable("PATH") });

    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables that are other than those of the tests; null for none.</param>
    public static IpuNetProcess Start(IEnumerable<string> arguments, Dictionary<string, string?> environment)
    {
        string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        // A shell that runs the tests in the background has them ignore Ctrl-C, and their children too.
        string[] command = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", dotnet] : [dotnet];
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in command[1..].Concat(arguments.Prepend(Path.Combine(AppContext.BaseDirectory, "ipunet.dll"))))
            start.ArgumentList.Add(argument);
        foreach ((string name, string? value) in environment)
            start.Environment[name] = value;
        return new IpuNetProcess(start);
    }

    /// <summary>Waits until it has written something to standard output, or has ended.</summary>
    public Task<string> LineAsync(string with) => LineAsync(_output, with);

    /// <summary>Waits until it has written something to standard error so many times, or has ended.</summary>
    public Task<string> ErrorLineAsync(string with, int times = 1) => LineAsync(_errors, with, times);

    /// <summary>Fails if the process has ended, with its output.</summary>
    public void RequireRunning()
    {
        if (_process.HasExited)
            throw new InvalidOperationException($"It ended: {Errors}");
    }

    /// <summary>As Ctrl-C does.</summary>
    public void Interrupt() => Signal("-INT", _process.Id);

    public void Kill() => _process.Kill();

    /// <summary>As a machine fails: nothing is brought to an end.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>The Azurite that works on a folder of data.</summary>
    public static int AzuriteOf(string data)
    {
        Match owner = Regex.Match(File.ReadAllText(Path.Combine(data, "ipunet-up.owner")), "Azurite as process ([0-9]+)");
        return int.Parse(owner.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
    }

    /// <summary>Sends a signal to another process.</summary>
    public static void Signal(string signal, int process)
    {
        using Process kill = Process.Start("kill", [signal, $"{process}"]);
        kill.WaitForExit();
    }

    /// <returns>Its exit code.</returns>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _more.Dispose();
    }

    private async Task<string> LineAsync(ConcurrentQueue<string> lines, string with, int times = 1)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            if (lines.Where(line => line.Contains(with, StringComparison.Ordinal)).Skip(times - 1).FirstOrDefault() is { } found)
                return found;
            RequireRunning();
            await _more.WaitAsync(TimeSpan.FromMilliseconds(200), limit.Token);
        }
    }

    private void Add(ConcurrentQueue<string> lines, string? line)
    {
        if (line is null)
            return;
        lines.Enqueue(line);
        _more.Release();
    }
}
