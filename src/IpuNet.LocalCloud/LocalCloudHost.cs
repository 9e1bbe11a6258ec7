using System.Diagnostics;
using IpuNet.Faces;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Hosting;
using IpuNet.Service.Intake;
using IpuNet.Service.Models;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IpuNet.LocalCloud;

/// <summary>The whole service on this machine: Azurite as a child, and in this process the worker and what notices uploads.</summary>
public sealed class LocalCloudHost : IAsyncDisposable
{
    private const string AccountName = "ipunet";
    private const int MaxQuickEnds = 3;
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(10), QuickEnd = TimeSpan.FromMinutes(1);

    private readonly AzuriteSettings _storage;
    private readonly IHost _host;
    private readonly Action<string> _note;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<string?> _keeping;
    private AzuriteProcess _azurite;

    private LocalCloudHost(AzuriteProcess azurite, AzuriteSettings storage, IHost host, Action<string> note)
    {
        (_azurite, _host, _note) = (azurite, host, note);
        _storage = storage with { BlobPort = azurite.BlobPort, QueuePort = azurite.QueuePort };
        _keeping = KeepAzuriteAsync();
    }

    /// <summary>Connection string of its storage account.</summary>
    public string ConnectionString => _azurite.ConnectionString;

    /// <summary>Id of Azurite's process.</summary>
    public int AzuriteProcessId => _azurite.ProcessId;

    /// <summary>Its storage account.</summary>
    public StorageAccount Account => _host.Services.GetRequiredService<StorageAccount>();

    /// <summary>Starts all of it.</summary>
    /// <param name="settings">What it is started with.</param>
    /// <param name="models">The models that it begins with; they stay the caller's. Null for those that its configuration and storage say.</param>
    /// <param name="logs">Gets what is logged.</param>
    /// <param name="note">Is told what takes long.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FaceDataException">Node or npm is not there, a port is taken, or something cannot be used; the message says what to do.</exception>
    public static async Task<LocalCloudHost> StartAsync(
        LocalCloudSettings settings, PipelineModels? models, ILoggerProvider logs, Action<string> note, CancellationToken cancellation)
    {
        var storage = new AzuriteSettings
        {
            Accounts = [AzuriteAccount.New(AccountName)],
            Folder = settings.Folder,
            BlobPort = settings.Port,
            QueuePort = settings.Port > 0 ? settings.Port + 1 : 0,
            KeptBytes = settings.KeptBytes,
            Processor = settings.AzuriteProcessor,
        };
        AzuriteProcess azurite = await AzuriteProcess.StartAsync(storage, note, cancellation);
        IHost host = Build(azurite.ConnectionString, settings, models, logs);
        var cloud = new LocalCloudHost(azurite, storage, host, note);
        try
        {
            await cloud.Account.CreateAllAsync(cancellation);
            await host.RequireReadyAsync(cancellation);
            await host.StartAsync(cancellation);
            return cloud;
        }
        catch
        {
            await cloud.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until it no longer works: a part of it has ended by itself, and could not be started again.</summary>
    /// <returns>Why.</returns>
    public async Task<string> EndedAsync()
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration =
            _host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        await Task.WhenAny(_keeping, stopping.Task);
        return _keeping.IsCompleted && await _keeping is { } reason ? reason : "The worker has ended by itself";
    }

    /// <summary>Stops all in order: first what takes uploads and works on them, then the storage below.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _host.StopAsync(CancellationToken.None);
        }
        finally
        {
            _host.Dispose();
            await _stop.CancelAsync();
            await _keeping;
            await _azurite.DisposeAsync();
            _stop.Dispose();
        }
    }

    // In a folder Azurite has lost nothing of what it acknowledged, and clients try again for longer than a start takes.
    private async Task<string?> KeepAzuriteAsync()
    {
        try
        {
            for (int quickEnds = 0; ;)
            {
                long start = Stopwatch.GetTimestamp();
                string end = await _azurite.EndAsync(_stop.Token);
                await _azurite.DisposeAsync();
                if (_storage.Folder is null)
                    return end;
                if (Stopwatch.GetElapsedTime(start) >= QuickEnd)
                    quickEnds = 0;
                // One that ends before it answers has ended as quickly as any.
                for (bool runs = false; !runs;)
                {
                    if (++quickEnds > MaxQuickEnds)
                        return end;
                    _note($"{end}. It is started again.");
                    (runs, end) = await RestartAzuriteAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<(bool Runs, string Failure)> RestartAzuriteAsync()
    {
        try
        {
            _azurite = await AzuriteProcess.StartAsync(_storage, _note, _stop.Token);
            return (true, "");
        }
        catch (FaceDataException error)
        {
            return (false, error.Message.TrimEnd('.'));
        }
    }

    private static IHost Build(string connectionString, LocalCloudSettings settings, PipelineModels? models, ILoggerProvider logs)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration
            .AddEnvironmentVariables()
            .AddInMemoryCollection(settings.Options)
            .AddInMemoryCollection([new($"{StorageOptions.Section}:{nameof(StorageOptions.ConnectionString)}", connectionString)]);
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTime);
        // Signals are the program's, which stops the host.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        if (models is not null)
            builder.Services.AddSingleton(ServingModels.Of(models));
        builder.Services.AddIpuNetWorker(builder.Configuration);
        builder.Services.AddUploadPoller(builder.Configuration);
        return builder.Build();
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>What a local cloud is started with.</summary>
public sealed record LocalCloudSettings
{
    /// <summary>Where the data is kept; null for in memory only.</summary>
    public DataFolder? Folder { get; init; }

    /// <summary>Port of the blobs, and the one before that of the queues; 0 for any that are free.</summary>
    public int Port { get; init; }

    /// <summary>Bytes of the disk that stay free; null for what is usual.</summary>
    public long? KeptBytes { get; init; }

    /// <summary>The one processor that Azurite runs on; null for any.</summary>
    public int? AzuriteProcessor { get; init; }

    /// <summary>Configuration of the service, such as "Recognition:Matches"; it goes before environment variables.</summary>
    public IReadOnlyDictionary<string, string?> Options { get; init; } = new Dictionary<string, string?>();
}
