using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using IpuNet.Faces;
using IpuNet.LocalCloud.Npm;

namespace IpuNet.LocalCloud;

/// <summary>What Azurite is started with.</summary>
public sealed record AzuriteSettings
{
    /// <summary>Its accounts, at least one.</summary>
    public required IReadOnlyList<AzuriteAccount> Accounts { get; init; }

    /// <summary>Where it keeps its data; null for in memory only.</summary>
    public DataFolder? Folder { get; init; }

    /// <summary>Port of its blob service; 0 for any that is free.</summary>
    public int BlobPort { get; init; }

    /// <summary>Port of its queue service; 0 for any that is free.</summary>
    public int QueuePort { get; init; }

    /// <summary>Bytes of the disk that it leaves free: with fewer, it refuses uploads. Null for 200 MB, or a tenth of a small disk. With a folder only.</summary>
    public long? KeptBytes { get; init; }

    /// <summary>How often it looks for what was deleted, to take it off the disk: it is gone after the second look, when no request is in work that began before the first.</summary>
    public TimeSpan LookInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The one processor that it runs on, from 0; null for any. Linux only.</summary>
    public int? Processor { get; init; }
}

/// <summary>Azurite on the loopback address, as a child process that does not outlive this one, however this one ends.</summary>
public sealed partial class AzuriteProcess : IAsyncDisposable
{
    /// <summary>The address that it answers at.</summary>
    public const string Host = "127.0.0.1";

    // Each request leaves garbage; with room for more of it, Azurite takes a seventh less of the processors (of `ipunet bench service`).
    private const string YoungHeap = "--max-semi-space-size=64";

    // Node has threads as soon as it runs, so it is begun on the processor and not moved there.
    private const string Pinning = "taskset";

    // What it says for its user begins with it.
    private const string Notice = "ipunet: ";

    private const int KeptLines = 20;
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60), StopTime = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly IReadOnlyList<AzuriteAccount> _accounts;
    private readonly Action<string> _note;
    private readonly ConcurrentQueue<string> _lines = new();
    // What goes on after them must not hold the reader of its output.
    private readonly TaskCompletionSource<int> _blobPort = NewPort(), _queuePort = NewPort();

    private IDisposable? _hold;
    private string? _complaint;
    private bool _isDisposed;

    private AzuriteProcess(Process process, IReadOnlyList<AzuriteAccount> accounts, Action<string> note)
    {
        (_process, _accounts, _note) = (process, accounts, note);
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) =>
        {
            _complaint = line.Data ?? _complaint;
            Read(line.Data);
        };
    }

    /// <summary>Connection string of the first account.</summary>
    public string ConnectionString => ConnectionStringOf(_accounts[0]);

    /// <summary>The port of its blob service.</summary>
    public int BlobPort => _blobPort.Task.Result;

    /// <summary>The port of its queue service.</summary>
    public int QueuePort => _queuePort.Task.Result;

    /// <summary>Id of its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Waits until it has ended.</summary>
    /// <returns>How it ended.</returns>
    public async Task<string> EndAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        return $"Azurite has ended by itself (exit code {_process.ExitCode}{(_complaint is null ? "" : $": {_complaint}")})";
    }

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="settings">What it is started with.</param>
    /// <param name="note">Is told what takes long, and later when the disk has no more room for uploads, and when it has.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FaceDataException">Node or npm is not there, or it does not start.</exception>
    public static async Task<AzuriteProcess> StartAsync(AzuriteSettings settings, Action<string> note, CancellationToken cancellation)
    {
        string script = await AzuritePackage.EnsureAsync(note, cancellation);
        string[] place = settings.Folder is { } folder ? ["--location", folder.Path] : ["--inMemoryPersistence"];
        string[] node = settings.Processor is { } processor ? [Pinning, "-c", Text(processor), "node"] : ["node"];
        var start = new ProcessStartInfo(node[0], [
            .. node[1..], YoungHeap, script, "--silent", "--skipApiVersionCheck", "--disableTelemetry",
            "--blobHost", Host, "--blobPort", Text(settings.BlobPort),
            "--queueHost", Host, "--queuePort", Text(settings.QueuePort),
            "--tableHost", Host, "--tablePort", "0", .. place])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["AZURITE_ACCOUNTS"] = string.Join(';', settings.Accounts.Select(account => $"{account.Name}:{account.Key}")),
                ["IPUNET_KEPT_BYTES"] = settings.KeptBytes is { } kept ? Text(kept) : "",
                ["IPUNET_LOOK_MS"] = Text((long)settings.LookInterval.TotalMilliseconds),
            },
        };
        var azurite = new AzuriteProcess(new Process { StartInfo = start }, settings.Accounts, note);
        try
        {
            await azurite.RunAsync(settings.Folder, cancellation);
            return azurite;
        }
        catch
        {
            azurite.Kill();
            await azurite.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connection string of one of its accounts.</summary>
    public string ConnectionStringOf(AzuriteAccount account) => account.ConnectionString(BlobPort, QueuePort);

    /// <summary>Lets it write what it holds, and end.</summary>
    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(StopTime);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>Ends it at once.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It never started, or has ended.
        }
    }

    /// <summary>Stops it as <see cref="StopAsync"/> does.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (_blobPort.Task.IsCompletedSuccessfully)
            await StopAsync();
        _process.Dispose();
        _hold?.Dispose();
    }

    private static TaskCompletionSource<int> NewPort() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task RunAsync(DataFolder? folder, CancellationToken cancellation)
    {
        try
        {
            _hold = folder?.HandDown();
            _process.Start();
            folder?.SayAzurite(_process.Id);
        }
        catch (Win32Exception missing)
        {
            string program = _process.StartInfo.FileName;
            throw new FaceDataException(
                $"{program} cannot be started: {missing.Message}. {(program == Pinning ? "It is part of Linux's util-linux; else leave out what asks for a processor." : NpmPackages.NodeRemedy)}", missing);
        }

        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Task listening = Task.WhenAll(_blobPort.Task, _queuePort.Task), exited = _process.WaitForExitAsync(cancellation);
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task first = await Task.WhenAny(listening, exited, Task.Delay(StartTime, given.Token));
        await given.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
        if (first != listening)
        {
            if (TakenPattern().Match(string.Join(' ', _lines)) is { Success: true } taken)
                throw new FaceDataException($"Port {taken.Groups["port"].Value} of {Host} is used by another program. Choose another with --port, or none for any that is free.");
            string what = first == exited ? $"ended before it answered (exit code {_process.ExitCode})" : $"did not answer within {StartTime.TotalSeconds:0} s";
            throw new FaceDataException($"Azurite {what}{(_lines.IsEmpty ? "" : $": {string.Join(' ', _lines)}")}");
        }
    }

    private void Read(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        if (line.StartsWith(Notice, StringComparison.Ordinal))
            _note(line[Notice.Length..]);
        _lines.Enqueue(line);
        while (_lines.Count > KeptLines)
            _lines.TryDequeue(out _);
        if (ListeningPattern().Match(line) is not { Success: true } match)
            return;
        int port = int.Parse(match.Groups["port"].ValueSpan, CultureInfo.InvariantCulture);
        (match.Groups["service"].ValueSpan is "Blob" ? _blobPort : _queuePort).TrySetResult(port);
    }

    [GeneratedRegex("EADDRINUSE[^0-9]+[0-9.]+:(?<port>[0-9]+)", RegexOptions.CultureInvariant)]
    private static partial Regex TakenPattern();

    [GeneratedRegex("(?<service>Blob|Queue) service is successfully listening at http://[^:]+:(?<port>[0-9]+)", RegexOptions.CultureInvariant)]
    private static partial Regex ListeningPattern();
}
