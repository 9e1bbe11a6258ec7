using IpuNet.Service.Storage;

namespace IpuNet.Testing;

/// <summary>An account of Azurite's that nobody else has, with all containers and queues, made when it is first asked for.</summary>
public sealed class LocalStorage(AzuriteFixture azurite)
{
    // A fixture cannot skip a test, so it is the test that waits for Azurite.
    private readonly Lazy<StorageOptions> _options = new(() => Task.Run(() => CreateAsync(azurite)).GetAwaiter().GetResult());

    /// <summary>Skips the test if npm cannot fetch Azurite.</summary>
    public string ConnectionString => _options.Value.ConnectionString!;

    /// <inheritdoc cref="ConnectionString"/>
    public StorageAccount Account => new(_options.Value);

    public Task<CommandRun> RunAsync(params string[] arguments) =>
        CommandRun.OfAsync([.. arguments, "--connection-string", ConnectionString]);

    private static async Task<StorageOptions> CreateAsync(AzuriteFixture azurite)
    {
        StorageOptions options = await azurite.NewOptionsAsync();
        await new StorageAccount(options).CreateAllAsync(CancellationToken.None);
        return options;
    }
}
