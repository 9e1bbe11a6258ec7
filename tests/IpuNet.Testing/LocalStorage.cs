using IpuNet.Service.Storage;

namespace IpuNet.Testing;

/// <summary>An account in Azurite for one test only, with all containers and queues. It is made at its first use.</summary>
public sealed class LocalStorage(AzuriteFixture azurite)
{
    // A fixture cannot skip a test. So the test itself waits for Azurite.
    private readonly Lazy<StorageOptions> _options = new(() => Task.Run(() => CreateAsync(azurite)).GetAwaiter().GetResult());

    /// <summary>The account. Skips the test if npm cannot fetch Azurite.</summary>
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
