using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Service.Reports;
using IpuNet.Service.Storage;
using IpuNet.Service.Tests.Recognition;

namespace IpuNet.Service.Tests.Reports;

public sealed class BatchReporterTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RenewAsync_ByWritersThatRace_TellsOfAllResults()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        using BatchReporter one = new(account), other = new(account);

        await Parallel.ForAsync(
            0, 20, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancellation }, async (i, cancellation) =>
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

        async Task<List<string>> VersionsAsync() =>
            await account.Container(StorageNames.Results).GetBlobsAsync(new GetBlobsOptions(), Cancellation)
            .Select(blob => $"{blob.Name} {blob.Properties.ETag}").ToListAsync(Cancellation);
    }

    [Fact]
    public async Task RenewAsync_OfABatchWithoutResults_WritesNothing()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        using var reporter = new BatchReporter(account);

        await reporter.RenewAsync("b", Cancellation);

        (await account.Container(StorageNames.Results).GetBlobsAsync(new GetBlobsOptions(), Cancellation).CountAsync(Cancellation))
            .ShouldBe(0);
    }

    [Fact]
    public async Task RenewAsync_WithMoreFacesThanAPageShows_ShowsTheFirstAndSaysSo()
    {
        const int images = 3, facesEach = 250, mostBytes = 8 << 20;
        StorageAccount account = await azurite.NewAccountAsync();
        using var reporter = new BatchReporter(account);
        byte[] photo = ImageEncoder.EncodePng(RecognitionRig.Face(400, 1));
        for (int i = 0; i < images; i++)
        {
            await account.Container(StorageNames.Uploads)
                .GetBlobClient($"b/{i}.png").UploadAsync(BinaryData.FromBytes(photo), Cancellation);
            await PutAsync(account, $"{i}.png", Crowd(facesEach).ToJson(), new ResultMetadata("1", ImageStatus.Ok, facesEach));
        }

        await reporter.RenewAsync("b", Cancellation);

        string page = await ReadAsync(account, StorageNames.Report("b"));
        page.Split("<article").Length.ShouldBe(BatchReport.MaxFaces + 1);
        page.ShouldContain("The page shows the first 500 of 750 faces");
        page.TrimEnd().ShouldEndWith("</html>");
        page.Length.ShouldBeLessThan(mostBytes);
        (await SummaryAsync(account)).Faces.Total.ShouldBe(images * facesEach);
    }

    private static ImageAnswer Crowd(int faces) => new()
    {
        Image = "uploads/b/crowd.png",
        Status = ImageStatus.Ok,
        Models = new AnswerModels(null, "recogniser@1", "detector@1"),
        Faces =
        [
            .. Enumerable.Range(0, faces).Select(i => new FaceAnswer
            {
                Box = new(i % 20 * 17, i / 20 * 17, 40, 40), SourceHeight = 40, Band = "32-47", Enhanced = false, Decision = "unknown",
                Threshold = 0.9f, Far = 0.001, Matches = [],
            }),
        ],
    };

    private static async Task PutAsync(StorageAccount account, string file, byte[] json, ResultMetadata metadata) =>
        await account.Container(StorageNames.Results)
        .GetBlobClient(StorageNames.Result("b", file))
        .UploadAsync(BinaryData.FromBytes(json), new BlobUploadOptions { Metadata = metadata.ToDictionary() }, Cancellation);

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
