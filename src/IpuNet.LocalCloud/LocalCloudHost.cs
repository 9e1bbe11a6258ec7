using System.Diagnostics;
using IpuNet.Contract;
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

/// <summary>The whole service on this machine. Azurite runs in a child process, the worker and the upload triggers in this one.</summary>
public sealed class LocalCloudHost : IAsyncDisposable
{
    private const string AccountName = "ipunet";
    private const int MaxQuickEnds = 3;
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(10), QuickEnd = TimeSpan.FromMinutes(1);

    private readonly AzuriteSettings _storage;
    private readonly IHost _host;
    private readonly Action<string> _note;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<string?> _running;
    private AzuriteProcess _azurite;

    private LocalCloudHost(AzuriteProcess azurite, AzuriteSettings storage, IHost host, Action<string> note)
    {
        (_azurite, _host, _note) = (azurite, host, note);
        _storage = storage with { BlobPort = azurite.BlobPort, QueuePort = azurite.QueuePort };
        _running = KeepAzuriteRunningAsync();
    }

    /// <summary>Connection string of the storage account.</summary>
    public string ConnectionString => _azurite.ConnectionString;

    /// <summary>Id of Azurite's process.</summary>
    public int AzuriteProcessId => _azurite.ProcessId;

    /// <summary>The storage account.</summary>
    public StorageAccount Account => _host.Services.GetRequiredService<StorageAccount>();

    /// <summary>Starts the service.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="models">The first models. The caller disposes of them. Null for the models that configuration and storage name.</param>
    /// <param name="logs">Gets the log.</param>
    /// <param name="note">Gets messages for the user.</param>
    /// <param name="cancellation">Stops the start.</param>
    /// <exception cref="FaceDataException">Node or npm is missing, a port is in use, or a setting is wrong.</exception>
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

    /// <summary>Waits until a part of the service has ended unexpectedly and cannot be restarted.</summary>
    /// <returns>The reason, without a full stop.</returns>
    public async Task<string> EndedAsync()
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration =
            _host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        await Task.WhenAny(_running, stopping.Task);
        return _running.IsCompleted && await _running is { } reason ? reason : "The worker has ended unexpectedly";
    }

    /// <summary>Stops the triggers and the worker, and then the storage.</summary>
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
            await _running;
            await _azurite.DisposeAsync();
            _stop.Dispose();
        }
    }

    // Restarts Azurite if it has a data folder. Then no data is lost, and the clients retry for longer than a start takes.
    private async Task<string?> KeepAzuriteRunningAsync()
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
                // A failed start counts as a quick end, too.
                for (bool runs = false; !runs;)
                {
                    if (++quickEnds > MaxQuickEnds)
                        return end;
                    _note($"{end}. Restarting it ...");
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
        // The program handles signals, and stops the host.
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

/// <summary>Settings of a local cloud.</summary>
public sealed record LocalCloudSettings
{
    /// <summary>Folder of the data; null to keep it in memory only.</summary>
    public DataFolder? Folder { get; init; }

    /// <summary>Port of the blobs; the queues get the next one. 0 for free ones.</summary>
    public int Port { get; init; }

    /// <summary>Free bytes of the disk below which uploads are refused; null for the default.</summary>
    public long? KeptBytes { get; init; }

    /// <summary>The processor for Azurite, from 0; null for any.</summary>
    public int? AzuriteProcessor { get; init; }

    /// <summary>Configuration of the service, such as "Recognition:Matches". It overrides environment variables.</summary>
    public IReadOnlyDictionary<string, string?> Options { get; init; } = new Dictionary<string, string?>();
}
