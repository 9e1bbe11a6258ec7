using IpuNet.Cli.LocalCloud;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Tests.Cloud;

/// <summary>An Azurite in memory, with all containers and queues.</summary>
public sealed class LocalStorage : IAsyncLifetime
{
    private AzuriteProcess? _azurite;

    public string ConnectionString => _azurite!.ConnectionString;

    public StorageAccount Account => new(new StorageOptions { ConnectionString = ConnectionString });

    public async ValueTask InitializeAsync()
    {
        _azurite = await AzuriteProcess.StartAsync(new AzuriteSettings { Accounts = [AzuriteAccount.New("ipunet")] }, _ => { }, CancellationToken.None);
        await Account.CreateAllAsync(CancellationToken.None);
    }

    public ValueTask DisposeAsync() => _azurite?.DisposeAsync() ?? ValueTask.CompletedTask;

    public Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.OfAsync([.. arguments, "--connection-string", ConnectionString]);
}
