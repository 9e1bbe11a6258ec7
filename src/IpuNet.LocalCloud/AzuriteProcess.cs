using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using IpuNet.Contract;
using IpuNet.Faces.Files;
using IpuNet.LocalCloud.Npm;

namespace IpuNet.LocalCloud;

/// <summary>Settings of Azurite.</summary>
public sealed record AzuriteSettings
{
    /// <summary>The accounts, at least one.</summary>
    public required IReadOnlyList<AzuriteAccount> Accounts { get; init; }

    /// <summary>Folder of the data; null to keep it in memory only.</summary>
    public DataFolder? Folder { get; init; }

    /// <summary>Port of the blob service; 0 for a free one.</summary>
    public int BlobPort { get; init; }

    /// <summary>Port of the queue service; 0 for a free one.</summary>
    public int QueuePort { get; init; }

    /// <summary>
    /// Free bytes of the disk below which uploads are refused. Null for 200 MB, or a tenth of a small disk. Needs a folder.
    /// </summary>
    public long? KeptBytes { get; init; }

    /// <summary>
    /// Interval between two searches for deleted data. Data leaves the disk at the second search after its deletion, when every request
    /// that may still read it has ended.
    /// </summary>
    public TimeSpan EraseInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The processor to run on, from 0; null for any. Linux only.</summary>
    public int? Processor { get; init; }
}

/// <summary>Azurite on the loopback address, in a child process. It ends when this process ends, even if this one is killed.</summary>
public sealed partial class AzuriteProcess : IAsyncDisposable
{
    /// <summary>The address of Azurite.</summary>
    public const string Host = "127.0.0.1";

    // Each request leaves garbage. With a larger young heap, Azurite needs a seventh less processor time (`ipunet bench service`).
    private const string YoungHeap = "--max-semi-space-size=64";

    // Node starts threads at once, so it has to start on its processor; it cannot be moved later.
    private const string Pinning = "taskset";

    // Lines of the output that are messages for the user begin with this.
    private const string Notice = "ipunet: ";

    private const int KeptLines = 20;
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60), StopTime = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly IReadOnlyList<AzuriteAccount> _accounts;
    private readonly Action<string> _note;
    private readonly ConcurrentQueue<string> _lines = new();

    // Continuations run elsewhere, so that they do not block the reader of the output.
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

    /// <summary>The port of the blob service.</summary>
    public int BlobPort => _blobPort.Task.Result;

    /// <summary>The port of the queue service.</summary>
    public int QueuePort => _queuePort.Task.Result;

    /// <summary>Id of the process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Waits until Azurite has ended by itself.</summary>
    /// <returns>A sentence about the end, without a full stop, for a message.</returns>
    public async Task<string> EndAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        return $"Azurite has ended unexpectedly (exit code {_process.ExitCode}{(_complaint is null ? "" : $": {_complaint}")})";
    }

    /// <summary>Starts Azurite and waits until it answers.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="note">Gets messages for the user, during the start and later, such as that the disk is too full for uploads.</param>
    /// <param name="cancellation">Stops the start.</param>
    /// <exception cref="FaceDataException">Node or npm is missing, or Azurite does not start.</exception>
    public static async Task<AzuriteProcess> StartAsync(AzuriteSettings settings, Action<string> note, CancellationToken cancellation)
    {
        string script = await AzuritePackage.EnsureAsync(note, cancellation);
        string[] place = settings.Folder is { } folder ? ["--location", folder.Path] : ["--inMemoryPersistence"];
        string[] node = settings.Processor is { } processor ? [Pinning, "-c", Text(processor), "node"] : ["node"];
        string[] arguments =
        [
            .. node[1..], YoungHeap, script, "--silent", "--skipApiVersionCheck", "--disableTelemetry",
            "--blobHost", Host, "--blobPort", Text(settings.BlobPort),
            "--queueHost", Host, "--queuePort", Text(settings.QueuePort),
            "--tableHost", Host, "--tablePort", "0", .. place,
        ];
        var start = new ProcessStartInfo(node[0], arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["AZURITE_ACCOUNTS"] = string.Join(';', settings.Accounts.Select(account => $"{account.Name}:{account.Key}")),
                ["IPUNET_KEPT_BYTES"] = settings.KeptBytes is { } kept ? Text(kept) : "",
                ["IPUNET_LOOK_MS"] = Text((long)settings.EraseInterval.TotalMilliseconds),
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

    /// <summary>Connection string of one of the accounts.</summary>
    public string ConnectionStringOf(AzuriteAccount account) => account.ConnectionString(BlobPort, QueuePort);

    /// <summary>Asks Azurite to save its data and end, and waits for that. Kills it after 60 s.</summary>
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

    /// <summary>Kills Azurite.</summary>
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

    /// <summary>Stops Azurite as <see cref="StopAsync"/> does.</summary>
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
            _hold = folder?.LockForChildren();
            _process.Start();
            folder?.WriteOwner(_process.Id);
        }
        catch (Win32Exception missing)
        {
            string program = _process.StartInfo.FileName;
            string remedy = program == Pinning
                ? "Install util-linux, or run without a processor for Azurite."
                : NpmPackages.NodeRemedy;
            throw new FaceDataException($"{program} cannot be started: {missing.Message}. {remedy}", missing);
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
                throw new FaceDataException(
                    $"Another program uses port {taken.Groups["port"].Value} of {Host}. Choose another with --port, or leave --port "
                    + "out.");
            string what = first == exited
                ? $"ended before it answered (exit code {_process.ExitCode})"
                : $"did not answer within {StartTime.TotalSeconds:0} s";
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

    [GeneratedRegex(
        "(?<service>Blob|Queue) service is successfully listening at http://[^:]+:(?<port>[0-9]+)", RegexOptions.CultureInvariant)]
    private static partial Regex ListeningPattern();
}

/// <summary>The npm package of Azurite, fetched into the user's folder on first use. infra/local/package.json names the version.</summary>
public static class AzuritePackage
{
    private const string Manifest = "azurite/package.json", Script = "azurite.mjs";
    private const int VersionDigits = 12;
    private static readonly string[] Scripts = [Script, "erasure.mjs", "journal.mjs", "room.mjs"];

    /// <summary>Fetches Azurite if it is missing. Several processes may call this at once.</summary>
    /// <param name="note">Gets messages for the user.</param>
    /// <param name="cancellation">Stops the download.</param>
    /// <returns>The script that runs Azurite.</returns>
    /// <exception cref="FaceDataException">npm is missing, or failed.</exception>
    public static async Task<string> EnsureAsync(Action<string> note, CancellationToken cancellation)
    {
        string folder = UserFolder.Of("azurite");
        await NpmPackages.InstallOnceAsync(
            folder, Resource(Manifest), () => note($"Fetching Azurite into {folder}. This takes a minute, on first use only ..."),
            cancellation);

        // Several versions of ipunet may run at the same time, each with its own scripts.
        string[] sources = [.. Scripts.Select(name => Resource($"azurite/{name}"))];
        string version = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(sources))))[..VersionDigits];
        string scripts = Path.Combine(folder, $"scripts-{version}");
        foreach (var (name, source) in Scripts.Zip(sources))
        {
            string script = Path.Combine(scripts, name);
            if (!File.Exists(script) || await File.ReadAllTextAsync(script, cancellation) != source)
                await AtomicFile.WriteAsync(script, Encoding.UTF8.GetBytes(source), durable: false, cancellation);
        }

        return Path.Combine(scripts, Script);
    }

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(AzuritePackage).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}

/// <summary>A storage account in Azurite. Its key is new at each start, and Azurite writes it nowhere.</summary>
/// <param name="Name">3 to 24 lower-case letters and digits.</param>
/// <param name="Key">Base64.</param>
public sealed record AzuriteAccount(string Name, string Key)
{
    private const int KeyBytes = 32;

    /// <summary>An account with a new key.</summary>
    public static AzuriteAccount New(string name) => new(name, Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)));

    /// <summary>The connection string of the account.</summary>
    /// <param name="blobPort">Port of the blobs.</param>
    /// <param name="queuePort">Port of the queues.</param>
    public string ConnectionString(int blobPort, int queuePort) =>
        $"DefaultEndpointsProtocol=http;AccountName={Name};AccountKey={Key};"
        + $"BlobEndpoint=http://{AzuriteProcess.Host}:{blobPort}/{Name};QueueEndpoint=http://{AzuriteProcess.Host}:{queuePort}/{Name}";
}
