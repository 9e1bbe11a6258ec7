using System.Net;
using System.Net.Sockets;
using System.Text;
using Azure;
using IpuNet.Contract;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Tests.Storage;

public sealed class StorageAccountTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CreateAllAsync_Twice_LeavesAllContainersAndQueues()
    {
        StorageAccount account = await azurite.NewAccountAsync();

        await account.CreateAllAsync(Cancellation);

        foreach (string container in StorageNames.Containers)
            (await account.Container(container).ExistsAsync(Cancellation)).Value.ShouldBeTrue(container);
        foreach (string queue in StorageNames.Queues)
        {
            (await account.Queue(queue).ExistsAsync(Cancellation)).Value.ShouldBeTrue(queue);
            (await account.Queue(queue + StorageNames.PoisonSuffix).ExistsAsync(Cancellation)).Value.ShouldBeTrue(queue);
        }
    }

    [Fact]
    public async Task Queue_GivesWhatWasSent()
    {
        StorageAccount account = await azurite.NewAccountAsync();

        await account.Queue(StorageNames.FaceBatches).SendMessageAsync("{\"ä\":1}", Cancellation);

        var message = await account.Queue(StorageNames.FaceBatches).ReceiveMessageAsync(cancellationToken: Cancellation);
        message.Value.Body.ToString().ShouldBe("{\"ä\":1}");
    }

    [Fact]
    public async Task Container_OfAnotherTestsAccount_IsAnother()
    {
        StorageAccount first = await azurite.NewAccountAsync(), second = await azurite.NewAccountAsync();

        await first.Container(StorageNames.Uploads).UploadBlobAsync("a", new MemoryStream(Encoding.UTF8.GetBytes("a")), Cancellation);

        (await second.Container(StorageNames.Uploads).GetBlobClient("a").ExistsAsync(Cancellation)).Value.ShouldBeFalse();
    }

    [Fact]
    public async Task Container_AskedFor_IsNotToldOfTheMachine()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string address = $"http://{listener.LocalEndpoint}/ipunet";
        var account = new StorageAccount(new StorageOptions
        {
            ConnectionString = $"AccountName=ipunet;AccountKey=AAAA;BlobEndpoint={address};QueueEndpoint={address}",
            Retries = 0,
        });

        Task asking = account.Container("a").GetPropertiesAsync(cancellationToken: Cancellation);
        List<string> lines = [];
        using (TcpClient client = await listener.AcceptTcpClientAsync(Cancellation))
        using (var reader = new StreamReader(client.GetStream()))
        {
            while (await reader.ReadLineAsync(Cancellation) is { Length: > 0 } line)
                lines.Add(line);
            await client.GetStream().WriteAsync(
                "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), Cancellation);
        }

        await Should.ThrowAsync<RequestFailedException>(asking);
        lines.ShouldContain(line => line.StartsWith("x-ms-version", StringComparison.OrdinalIgnoreCase));
        lines.ShouldNotContain(line => line.StartsWith("User-Agent", StringComparison.OrdinalIgnoreCase));
    }
}
