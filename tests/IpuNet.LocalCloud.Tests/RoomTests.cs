using System.Collections.Concurrent;
using Azure;
using Azure.Storage.Blobs;
using IpuNet.Contract;
using IpuNet.Service.Storage;

namespace IpuNet.LocalCloud.Tests;

/// <summary>The local cloud before its disk is full.</summary>
public sealed class RoomTests : IDisposable
{
    // More than any disk has.
    private const long All = 1L << 50;
    private const int Megabyte = 1 << 20;
    private const string InMemory = "/dev/shm";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30), Look = TimeSpan.FromMilliseconds(100);

    private readonly AzuriteAccount _account = AzuriteAccount.New("room");
    private readonly ConcurrentQueue<string> _notes = new();
    private DataFolder? _data;
    private readonly string _folder = Directory.CreateDirectory(
        Path.Combine(Directory.Exists(InMemory) ? InMemory : Path.GetTempPath(), $"ipunet-room-{Guid.NewGuid():N}")).FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _data?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Azurite_WhoseDiskIsAlmostFull_RefusesUploadsAndTakesThemAgainWhenSomethingIsDeleted()
    {
        Assert.SkipUnless(Directory.Exists(InMemory), "A small file system is needed that nobody else fills.");
        long free = new DriveInfo(InMemory).AvailableFreeSpace;
        await using AzuriteProcess storage = await StartAsync(free - 5 * Megabyte);
        StorageAccount account = await AccountAsync(storage);
        BlobContainerClient uploads = account.Container(StorageNames.Uploads);
        await UntilAsync(() => Directory.Exists(Path.Combine(_folder, "__blobstorage__")));

        List<string> taken = [];
        RequestFailedException? refusal = null;
        for (int i = 0; i < 20 && refusal is null; i++)
        {
            refusal = await RefusalOfAsync(
                () => uploads.GetBlobClient($"b/{i}.png").UploadAsync(new BinaryData(new byte[Megabyte]), Cancellation));
            if (refusal is null)
                taken.Add($"b/{i}.png");
        }

        taken.Count.ShouldBeInRange(1, 6);
        (refusal!.Status, refusal.ErrorCode).ShouldBe((507, "InsufficientStorage"));
        StorageCheck.Describe(refusal, account)!.ShouldContain($"{_folder}: ");
        await UntilAsync(() => _notes.Any(note => note.Contains("Uploads are refused", StringComparison.Ordinal)));
        foreach (string name in taken)
            (await uploads.GetBlobClient(name).DownloadContentAsync(Cancellation)).Value.Content.ToArray().Length.ShouldBe(Megabyte);
        // Deleting a person writes a little.
        await account.Container(StorageNames.Galleries).GetBlobClient("staff/deleted/x").UploadAsync(new BinaryData("{}"), Cancellation);

        foreach (string name in taken)
            await uploads.GetBlobClient(name).DeleteAsync(cancellationToken: Cancellation);

        await UntilAsync(() => _notes.Any(note => note.Contains("there is room again", StringComparison.Ordinal)));
        await uploads.GetBlobClient("b/again.png").UploadAsync(new BinaryData(new byte[Megabyte]), Cancellation);
    }

    [Fact]
    public async Task Azurite_WhoseDiskIsFull_HandsOutNoJobsAndDeletes()
    {
        await using (AzuriteProcess storage = await StartAsync(kept: null))
        {
            StorageAccount account = await AccountAsync(storage);
            await account.Container(StorageNames.Results).GetBlobClient("a").UploadAsync(new BinaryData("a"), Cancellation);
            await account.Queue(StorageNames.FaceBatches).SendMessageAsync("a job", Cancellation);
        }

        await using (AzuriteProcess storage = await StartAsync(All))
        {
            StorageAccount account = await AccountAsync(storage);
            await UntilAsync(() => !_notes.IsEmpty);

            (
                await RefusalOfAsync(
                    () => account.Container(
                        StorageNames.Results).GetBlobClient("b").UploadAsync(new BinaryData("b"), Cancellation)))!.Status.ShouldBe(507);
            (await RefusalOfAsync(() => account.Queue(StorageNames.FaceBatches).SendMessageAsync("another", Cancellation)))!.Status
                .ShouldBe(507);
            (await account.Queue(StorageNames.FaceBatches).ReceiveMessagesAsync(1, cancellationToken: Cancellation)).Value.ShouldBeEmpty();
            (await account.Container(StorageNames.Results).GetBlobClient("a").DeleteAsync(cancellationToken: Cancellation)).Status
                .ShouldBe(202);
        }

        await using (AzuriteProcess storage = await StartAsync(kept: null))
        {
            StorageAccount account = await AccountAsync(storage);
            (await account.Container(StorageNames.Results).GetBlobClient("a").ExistsAsync(Cancellation)).Value.ShouldBeFalse();
            // It was not tried in vain meanwhile.
            (await account.Queue(StorageNames.FaceBatches).ReceiveMessagesAsync(1, cancellationToken: Cancellation)).Value
                .ShouldHaveSingleItem().DequeueCount.ShouldBe(1);
        }
    }

    private async Task<AzuriteProcess> StartAsync(long? kept)
    {
        await AzuriteFixture.Package.PathAsync();
        _data ??= await DataFolder.TakeAsync(_folder, _ => { }, Cancellation);
        return await AzuriteProcess.StartAsync(
            new AzuriteSettings { Accounts = [_account], Folder = _data, KeptBytes = kept, EraseInterval = Look }, _notes.Enqueue,
            Cancellation);
    }

    private static async Task<StorageAccount> AccountAsync(AzuriteProcess storage)
    {
        var account = new StorageAccount(new StorageOptions { ConnectionString = storage.ConnectionString });
        await account.CreateAllAsync(Cancellation);
        return account;
    }

    private static async Task<RequestFailedException?> RefusalOfAsync(Func<Task> request)
    {
        try
        {
            await request();
            return null;
        }
        catch (RequestFailedException refusal)
        {
            return refusal;
        }
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!holds())
            await Task.Delay(Look, limit.Token);
    }
}
