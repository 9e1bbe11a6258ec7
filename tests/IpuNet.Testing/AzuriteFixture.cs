using System.Globalization;
using IpuNet.LocalCloud;
using IpuNet.Service.Storage;

namespace IpuNet.Testing;

/// <summary>
/// One Azurite in memory for all tests of a program. Each test has its own accounts, so tests do not see each other's blobs.
/// </summary>
public sealed class AzuriteFixture : IAsyncDisposable
{
    private const int Accounts = 1000;
    private readonly AzuriteAccount[] _accounts =
        [.. Enumerable.Range(0, Accounts).Select(i => AzuriteAccount.New("test" + i.ToString("0000", CultureInfo.InvariantCulture)))];

    private readonly Lazy<Task<AzuriteProcess>> _azurite;
    private int _taken = -1;

    public AzuriteFixture() => _azurite = new(() => Task.Run(
        () => AzuriteProcess.StartAsync(new AzuriteSettings { Accounts = _accounts }, _ => { }, CancellationToken.None)));

    /// <summary>The npm package of Azurite.</summary>
    public static FetchedByNpm Package { get; } = new(() => AzuritePackage.EnsureAsync(_ => { }, CancellationToken.None));

    /// <summary>A new account with all containers and queues. Skips the test if npm cannot fetch Azurite.</summary>
    public async Task<StorageAccount> NewAccountAsync()
    {
        var account = new StorageAccount(await NewOptionsAsync());
        await account.CreateAllAsync(TestContext.Current.CancellationToken);
        return account;
    }

    /// <summary>A new, empty account. Skips the test if npm cannot fetch Azurite.</summary>
    public async Task<StorageOptions> NewOptionsAsync()
    {
        await Package.PathAsync();
        AzuriteProcess azurite = await _azurite.Value;
        int taken = Interlocked.Increment(ref _taken);
        if (taken >= Accounts)
            throw new InvalidOperationException(
                $"The tests need more than {Accounts} accounts: raise {nameof(AzuriteFixture)}.{nameof(Accounts)}.");
        return new StorageOptions { ConnectionString = azurite.ConnectionStringOf(_accounts[taken]) };
    }

    public async ValueTask DisposeAsync()
    {
        if (_azurite.IsValueCreated && _azurite.Value.IsCompletedSuccessfully)
            await (await _azurite.Value).DisposeAsync();
    }
}
