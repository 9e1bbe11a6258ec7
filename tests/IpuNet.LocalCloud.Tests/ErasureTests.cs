using System.Diagnostics;
using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using Azure.Storage.Queues;
using Azure.Storage.Sas;

namespace IpuNet.LocalCloud.Tests;

/// <summary>What is deleted leaves the local cloud's folder, and nothing else does.</summary>
public sealed class ErasureTests : IDisposable
{
    private const string Container = "people", Queue = "jobs";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Look = TimeSpan.FromMilliseconds(100),
    Never = TimeSpan.FromHours(1);

    private readonly AzuriteAccount _account = AzuriteAccount.New("erasure");
    private readonly string _folder = Directory.CreateTempSubdirectory("ipunet-erasure-").FullName;
    private readonly Random _random = new(1);
    private DataFolder? _data;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _data?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Azurite_WhoseBlobIsDeleted_RemovesItsBytesWithinTwoLooks()
    {
        await using AzuriteProcess storage = await StartAsync(Look);
        BlobContainerClient blobs = await ContainerAsync(storage);
        byte[] gone = Content(), kept = Content();
        await PutAsync(blobs, "gone-7d1", gone);
        await PutAsync(blobs, "kept", kept);
        Holds(gone).ShouldBeTrue();

        await blobs.GetBlobClient("gone-7d1").DeleteAsync(cancellationToken: Cancellation);

        await UntilAsync(() => !Holds(gone) && !Holds("gone-7d1"u8.ToArray()));
        Holds(kept).ShouldBeTrue();
        (await ReadAsync(blobs, "kept")).ShouldBe(kept);
    }

    [Fact]
    public async Task Azurite_WhoseBlobIsReplaced_RemovesWhatWasThere()
    {
        await using AzuriteProcess storage = await StartAsync(Look);
        BlobContainerClient blobs = await ContainerAsync(storage);
        byte[] before = Content(), after = Content();
        await PutAsync(blobs, "a", before);

        await PutAsync(blobs, "a", after);

        await UntilAsync(() => !Holds(before));
        (await ReadAsync(blobs, "a")).ShouldBe(after);
    }

    [Fact]
    public async Task Azurite_WhoseBlobIsReplacedByASlowUpload_RemovesWhatWasThere()
    {
        await using AzuriteProcess storage = await StartAsync(Look);
        BlobContainerClient blobs = await ContainerAsync(storage);
        byte[] before = Content(), after = Content();
        await PutAsync(blobs, "a", before);
        Uri write = blobs.GetBlobClient("a").GenerateSasUri(BlobSasPermissions.Write, DateTimeOffset.UtcNow.AddHours(1));
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Put, write) { Content = new SlowContent(after, 10 * Look) };
        request.Headers.Add("x-ms-blob-type", "BlockBlob");

        (await client.SendAsync(request, Cancellation)).EnsureSuccessStatusCode();

        // No other request is sent.
        await UntilAsync(() => !Holds(before));
        (await ReadAsync(blobs, "a")).ShouldBe(after);
    }

    [Fact]
    public async Task Azurite_WhoseMessageIsDeleted_RemovesItsText()
    {
        await using AzuriteProcess storage = await StartAsync(Look);
        var queue = new QueueClient(storage.ConnectionString, Queue);
        await queue.CreateAsync(cancellationToken: Cancellation);
        await queue.SendMessageAsync("subject s-4711-gone", Cancellation);
        Holds("s-4711-gone"u8.ToArray()).ShouldBeTrue();
        var message = (await queue.ReceiveMessageAsync(cancellationToken: Cancellation)).Value;

        await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, Cancellation);

        await UntilAsync(() => !Holds("s-4711-gone"u8.ToArray()));
    }

    [Fact]
    public async Task Azurite_ThatIsStoppedAfterADeletion_LeavesNoBytes()
    {
        byte[] gone = Content(), copied = Content(), inBlocks = Content();
        await using (AzuriteProcess storage = await StartAsync(Never))
        {
            BlobContainerClient blobs = await ContainerAsync(storage);
            await PutAsync(blobs, "gone", gone);
            await PutAsync(blobs, "source", copied);
            await (
                await blobs.GetBlobClient("copy").StartCopyFromUriAsync(
                    blobs.GetBlobClient("source").Uri, cancellationToken: Cancellation)).WaitForCompletionAsync(Cancellation);
            await blobs.GetBlockBlobClient("blocks").StageBlockAsync("AAAA", new MemoryStream(inBlocks), cancellationToken: Cancellation);
            await blobs.GetBlockBlobClient("blocks").CommitBlockListAsync(["AAAA"], cancellationToken: Cancellation);

            await blobs.GetBlobClient("gone").DeleteAsync(cancellationToken: Cancellation);
            await blobs.GetBlobClient("source").DeleteAsync(cancellationToken: Cancellation);
        }

        Holds(gone).ShouldBeFalse();
        await using AzuriteProcess later = await StartAsync(Look);
        BlobContainerClient left = new(later.ConnectionString, Container);
        (await ReadAsync(left, "copy")).ShouldBe(copied);
        (await ReadAsync(left, "blocks")).ShouldBe(inBlocks);
    }

    [Fact]
    public async Task Azurite_OnAFolderOfFilesThatHoldSeveralUploads_ClearsWhatWasDeletedFromThem()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Azurite by itself is stopped by 'kill'.");
        byte[] gone = Content(), kept = Content(), kept2 = Content();
        await using (var plain = await PlainAzurite.StartAsync(_folder, _account))
        {
            BlobContainerClient blobs = await ContainerAsync(plain.ConnectionString);
            foreach (var (name, content) in new[] { ("kept", kept), ("gone", gone), ("kept2", kept2) })
                await PutAsync(blobs, name, content);
            await blobs.GetBlobClient("gone").DeleteAsync(cancellationToken: Cancellation);
        }

        // As a killed Azurite leaves it.
        await File.WriteAllBytesAsync(Path.Combine(_folder, "__azurite_db_blob__.json~"), gone, Cancellation);
        await File.WriteAllBytesAsync(Path.Combine(_folder, "__blobstorage__", Guid.NewGuid().ToString()), gone, Cancellation);
        Directory.GetFiles(Path.Combine(_folder, "__blobstorage__")).ShouldContain(file => new FileInfo(file).Length > gone.Length);

        await using AzuriteProcess storage = await StartAsync(Look);

        await UntilAsync(() => !Holds(gone));
        BlobContainerClient left = new(storage.ConnectionString, Container);
        (await ReadAsync(left, "kept")).ShouldBe(kept);
        (await ReadAsync(left, "kept2")).ShouldBe(kept2);
        await left.GetBlobClient("kept").DeleteAsync(cancellationToken: Cancellation);
        await UntilAsync(() => !Holds(kept));
        (await ReadAsync(left, "kept2")).ShouldBe(kept2);
    }

    [Fact]
    public async Task Azurite_ThatIsKilledWhileBlobsAreReplacedAndDeleted_HasTheBytesOfAllThatItLists()
    {
        const int kills = 6, names = 40;
        for (int kill = 0; kill < kills; kill++)
        {
            await using AzuriteProcess storage = await StartAsync(TimeSpan.FromMilliseconds(20));
            BlobContainerClient blobs = await ContainerAsync(storage);
            await foreach (var blob in blobs.GetBlobsAsync(cancellationToken: Cancellation))
            {
                // Each content begins with its own hash, so that any version is known to be whole.
                byte[] content = await ReadAsync(blobs, blob.Name);
                content[..32].ShouldBe(System.Security.Cryptography.SHA256.HashData(content.AsSpan(32)));
            }

            using var stop = new CancellationTokenSource();
            Task[] writers = [.. Enumerable.Range(0, 4).Select(i => ChurnAsync(blobs, names, new Random(kill * 10 + i), stop.Token))];
            await Task.Delay(_random.Next(200, 1500), Cancellation);
            storage.Kill();
            await storage.EndAsync(Cancellation);
            await stop.CancelAsync();
            await Task.WhenAll(writers);
        }
    }

    private static async Task ChurnAsync(BlobContainerClient blobs, int names, Random random, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                string name = $"b{random.Next(names)}";
                byte[] body = new byte[random.Next(1, 20_000)];
                random.NextBytes(body);
                if (random.Next(3) == 0)
                    await blobs.GetBlobClient(name).DeleteIfExistsAsync(cancellationToken: stop);
                else
                    await PutAsync(blobs, name, [.. System.Security.Cryptography.SHA256.HashData(body), .. body], stop);
            }
        }
        catch (Exception error) when (error is Azure.RequestFailedException or AggregateException or OperationCanceledException)
        {
            // Killed.
        }
    }

    private async Task<AzuriteProcess> StartAsync(TimeSpan look)
    {
        await AzuriteFixture.Package.PathAsync();
        _data ??= await DataFolder.TakeAsync(_folder, _ => { }, Cancellation);
        return await AzuriteProcess.StartAsync(
            new AzuriteSettings { Accounts = [_account], Folder = _data, EraseInterval = look }, _ => { }, Cancellation);
    }

    private static Task<BlobContainerClient> ContainerAsync(AzuriteProcess storage) => ContainerAsync(storage.ConnectionString);

    private static async Task<BlobContainerClient> ContainerAsync(string connection)
    {
        var options = new BlobClientOptions();
        options.Retry.MaxRetries = 0;
        var container = new BlobContainerClient(connection, Container, options);
        await container.CreateIfNotExistsAsync(cancellationToken: Cancellation);
        return container;
    }

    private static async Task PutAsync(BlobContainerClient blobs, string name, byte[] content, CancellationToken? stop = null) =>
        await blobs.GetBlobClient(name).UploadAsync(new BinaryData(content), overwrite: true, stop ?? Cancellation);

    private static async Task<byte[]> ReadAsync(BlobContainerClient blobs, string name) =>
        (await blobs.GetBlobClient(name).DownloadContentAsync(Cancellation)).Value.Content.ToArray();

    private byte[] Content()
    {
        byte[] content = new byte[5000];
        _random.NextBytes(content);
        return content;
    }

    // Whether any file holds its first bytes: the rest of a picture is a picture, too.
    private bool Holds(byte[] content) => Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Any(file =>
    {
        try
        {
            return !file.EndsWith(".lock", StringComparison.Ordinal)
                && File.ReadAllBytes(file).AsSpan().IndexOf(content.AsSpan(0, Math.Min(64, content.Length))) >= 0;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    });

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!holds())
            await Task.Delay(Look, limit.Token);
    }

    /// <summary>Bytes of which the second half comes after a pause.</summary>
    private sealed class SlowContent(byte[] content, TimeSpan pause) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            await stream.WriteAsync(content.AsMemory(..(content.Length / 2)), Cancellation);
            await stream.FlushAsync(Cancellation);
            await Task.Delay(pause, Cancellation);
            await stream.WriteAsync(content.AsMemory((content.Length / 2)..), Cancellation);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = content.Length;
            return true;
        }
    }

    /// <summary>Azurite as it is without anything of ours, as it may have filled a folder before.</summary>
    private sealed class PlainAzurite(Process process, string connection) : IAsyncDisposable
    {
        public string ConnectionString => connection;

        public static async Task<PlainAzurite> StartAsync(string folder, AzuriteAccount account)
        {
            string script = await AzuriteFixture.Package.PathAsync();
            var start = new ProcessStartInfo("node", [
                Path.Combine(Path.GetDirectoryName(script)!, "../node_modules/azurite/dist/src/azurite.js"), "--silent",
                "--skipApiVersionCheck", "--disableTelemetry",
                "--blobPort", "0", "--queuePort", "0", "--tablePort", "0", "--location", folder])
            {
                RedirectStandardOutput = true,
                Environment = { ["AZURITE_ACCOUNTS"] = $"{account.Name}:{account.Key}" },
            };
            var process = Process.Start(start)!;
            var ports = new List<int>();
            while (ports.Count < 3)
            {
                string line = await process.StandardOutput
                    .ReadLineAsync(Cancellation) ?? throw new InvalidOperationException("Azurite ended.");
                if (Regex.Match(line, "listening at http://[^:]+:([0-9]+)") is { Success: true } listens)
                    ports.Add(int.Parse(listens.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture));
            }

            return new PlainAzurite(process, account.ConnectionString(ports[0], ports[1]));
        }

        public async ValueTask DisposeAsync()
        {
            Process.Start("kill", ["-TERM", $"{process.Id}"]).WaitForExit();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
