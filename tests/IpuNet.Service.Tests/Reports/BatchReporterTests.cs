using Azure.Storage.Blobs.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Recognition;
using IpuNet.Service.Reports;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Tests.Reports;

public sealed class BatchReporterTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RenewAsync_ByWritersThatRace_TellsOfAllResults()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        using BatchReporter one = new(account), other = new(account);

        await Parallel.ForAsync(0, 20, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancellation }, async (i, cancellation) =>
        {
            await PutAsync(account, $"{i:00}.png", ImageStatus.Rejected);
            await (i % 2 == 0 ? one : other).RenewAsync("b", cancellation);
        });

        BatchSummary summary = await SummaryAsync(account);
        summary.Results.Select(result => result.Image).ShouldBe(Enumerable.Range(0, 20).Select(i => $"uploads/b/{i:00}.png"));
        string page = await ReadAsync(account, StorageNames.Report("b"));
        Enumerable.Range(0, 20).ShouldAllBe(i => page.Contains($"{i:00}.png"));
    }

    [Fact]
    public async Task RenewAsync_OfSeveralKinds_CountsEach()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        using var reporter = new BatchReporter(account);
        await PutAsync(account, "a.png", ImageStatus.Ok, faces: 3, known: 1);
        await PutAsync(account, "b.png", ImageStatus.NoFace);
        await PutAsync(account, "c.png", ImageStatus.Rejected);
        await PutAsync(account, "d.png", ImageStatus.Failed);
        await PutAsync(account, "e.zip", ImageStatus.Ok);

        await reporter.RenewAsync("b", Cancellation);

        BatchSummary summary = await SummaryAsync(account);
        summary.Images.ShouldBe(new ImageCounts(4, 1, 1, 1, 1));
        summary.Faces.ShouldBe(new FaceCounts(3, 1, 2));
        summary.Archives.Select(archive => archive.Image).ShouldBe(["uploads/b/e.zip"]);
    }

    [Fact]
    public async Task RenewAsync_WithNothingNew_WritesNothing()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        using var reporter = new BatchReporter(account);
        await PutAsync(account, "a.png", ImageStatus.NoFace);
        await reporter.RenewAsync("b", Cancellation);
        var once = await VersionsAsync();

        await reporter.RenewAsync("b", Cancellation);

        (await VersionsAsync()).ShouldBe(once);

        async Task<List<string>> VersionsAsync() => await account.Container(StorageNames.Results).GetBlobsAsync(new GetBlobsOptions(), Cancellation)
            .Select(blob => $"{blob.Name} {blob.Properties.ETag}").ToListAsync(Cancellation);
    }

    [Fact]
    public async Task RenewAsync_OfABatchWithoutResults_WritesNothing()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        using var reporter = new BatchReporter(account);

        await reporter.RenewAsync("b", Cancellation);

        (await account.Container(StorageNames.Results).GetBlobsAsync(new GetBlobsOptions(), Cancellation).CountAsync(Cancellation)).ShouldBe(0);
    }

    private static async Task PutAsync(StorageAccount account, string file, ImageStatus status, int faces = 0, int known = 0) =>
        await account.Container(StorageNames.Results).GetBlobClient(StorageNames.Result("b", file)).UploadAsync(
            BinaryData.FromString($$"""{"schema":1,"status":"{{ResultMetadata.NameOf(status)}}","reason":"as it is"}"""),
            new BlobUploadOptions { Metadata = new ResultMetadata("1", status, faces, known).ToDictionary() },
            Cancellation);

    private static async Task<BatchSummary> SummaryAsync(StorageAccount account) =>
        BatchSummary.FromJson(System.Text.Encoding.UTF8.GetBytes(await ReadAsync(account, StorageNames.Summary("b"))));

    private static async Task<string> ReadAsync(StorageAccount account, string name) =>
        (await account.Container(StorageNames.Results).GetBlobClient(name).DownloadContentAsync(Cancellation)).Value.Content.ToString();
}
