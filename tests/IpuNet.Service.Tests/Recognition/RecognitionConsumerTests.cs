using IpuNet.Contract;
using IpuNet.Service.Tests.Telemetry;

namespace IpuNet.Service.Tests.Recognition;

public sealed class RecognitionConsumerTests(AzuriteFixture azurite, ShippedModels shipped)
{
    [Fact]
    public async Task ExecuteAsync_OfUploads_WritesResultsPicturesSummaryAndReport()
    {
        RecognitionRig rig = await RigAsync();
        await rig.SendAsync(
            "cam-7", await rig.UploadAsync("cam-7", "small.png", RecognitionRig.Png(16, 1)),
            await rig.UploadAsync("cam-7", "large.png", RecognitionRig.Png(128, 2)));

        await rig.RunAsync();

        (await rig.ResultBlobsAsync()).Keys.Order().ShouldBe(
            ["cam-7/large.png.json", "cam-7/report.html", "cam-7/small.png.face-0.png", "cam-7/small.png.json", "cam-7/summary.json"]);
        ImageAnswer small = await rig.ResultAsync("cam-7", "small.png"), large = await rig.ResultAsync("cam-7", "large.png");
        small.ShouldSatisfyAllConditions(
            s => s.BatchId.ShouldBe("cam-7"),
            s => s.Image.ShouldBe("uploads/cam-7/small.png"),
            s => s.Faces[0].Image.ShouldBe("results/cam-7/small.png.face-0.png"),
            s => s.Faces[0].Enhanced.ShouldBeTrue());
        large.Faces[0].Image.ShouldBeNull();
        (large.Faces[0].Decision, large.Faces[0].Matches[0].SubjectId).ShouldBe(("known", "bob"));
        var summary = await rig.SummaryAsync("cam-7");
        (summary.Images.Total, summary.Images.Ok, summary.Faces.Total).ShouldBe((2, 2, 2));
    }

    [Fact]
    public async Task ExecuteAsync_OfAMessageTwice_LeavesTheSameBlobs()
    {
        RecognitionRig rig = await RigAsync();
        string image = await rig.UploadAsync("b", "1.png", RecognitionRig.Png(16, 1));
        await rig.SendAsync("b", image);
        await rig.RunAsync();
        var once = await rig.ResultBlobsAsync();

        await rig.SendAsync("b", image);
        await rig.RunAsync();

        (await rig.ResultBlobsAsync()).ShouldBe(once, ignoreOrder: true);
    }

    [Fact]
    public async Task ExecuteAsync_ByTwoWorkers_DoesEachImageOnce()
    {
        RecognitionRig rig = await RigAsync();
        for (int i = 0; i < 12; i++)
            await rig.SendAsync(
                "b", await rig.UploadAsync("b", $"{i}-a.png", RecognitionRig.Png(16, i)),
                await rig.UploadAsync("b", $"{i}-b.png", RecognitionRig.Png(64, i)));
        rig.Options.MaxImages = 4;

        int images = await CountImagesAsync(() => rig.RunAsync(workers: 2));

        images.ShouldBe(24);
        var summary = await rig.SummaryAsync("b");
        (summary.Images.Total, summary.Images.Ok, summary.Results.Count).ShouldBe((24, 24, 24));
    }

    [Fact]
    public async Task ExecuteAsync_ByTwoWorkers_SharesALongQueue()
    {
        const int messages = 12, images = 16;
        RecognitionRig rig = await RigAsync();
        string[] uploads = await Task.WhenAll(
            Enumerable.Range(0, messages * images).Select(i => rig.UploadAsync("b", $"{i}.png", RecognitionRig.Png(32, i))));
        foreach (string[] some in uploads.Chunk(images))
            await rig.SendAsync("b", some);

        // The number of subjects in a result shows which worker wrote it.
        await rig.RunAsync(rig.Consumer(new() { Matches = 1 }), rig.Consumer(new() { Matches = 2 }));

        ImageAnswer[] results = await Task.WhenAll(Enumerable.Range(0, uploads.Length).Select(i => rig.ResultAsync("b", $"{i}.png")));
        foreach (int worker in (int[])[1, 2])
            results.Count(result => result.Faces[0].Matches.Count == worker).ShouldBeGreaterThanOrEqualTo(images, $"worker {worker}");
    }

    [Fact]
    public async Task ExecuteAsync_OfAnUploadThatWasReplaced_ReplacesItsResult()
    {
        RecognitionRig rig = await RigAsync();
        await rig.SendAsync("b", await rig.UploadAsync("b", "1.png", RecognitionRig.Png(16, 1)));
        await rig.RunAsync();

        await rig.SendAsync("b", await rig.UploadAsync("b", "1.png", RecognitionRig.Png(128, 2)));
        await rig.RunAsync();

        (await rig.ResultAsync("b", "1.png")).Faces[0].SourceHeight.ShouldBe(128);
        (await rig.ResultBlobsAsync()).Keys.ShouldNotContain("b/1.png.face-0.png");
        (await rig.SummaryAsync("b")).Images.Total.ShouldBe(1);
    }

    [Fact]
    public async Task ExecuteAsync_OfAResultWhoseUploadIsGone_KeepsIt()
    {
        RecognitionRig rig = await RigAsync();
        string image = await rig.UploadAsync("b", "1.png", RecognitionRig.Png(16, 1));
        await rig.SendAsync("b", image);
        await rig.RunAsync();
        await rig.Account.Container(StorageNames.Uploads)
            .DeleteBlobAsync("b/1.png", cancellationToken: TestContext.Current.CancellationToken);

        await rig.SendAsync("b", image);
        await rig.RunAsync();

        (await rig.ResultAsync("b", "1.png")).Status.ShouldBe(ImageStatus.Ok);
    }

    [Fact]
    public async Task ExecuteAsync_OfTwoGalleries_SearchesEachForItsOwnImages()
    {
        RecognitionRig rig = await RigAsync();
        await rig.EnrolAsync("empty");
        string image = await rig.UploadAsync("b", "1.png", RecognitionRig.Png(128, 2)),
        other = await rig.UploadAsync("b", "2.png", RecognitionRig.Png(128, 2));
        await rig.SendAsync("b", image);
        await rig.SendAsync(new FaceBatchMessage { BatchId = "b", Gallery = "empty", Images = [other], Faces = FaceDetectionMode.Crop });

        await rig.RunAsync();

        (await rig.ResultAsync("b", "1.png")).Faces[0].Matches.ShouldNotBeEmpty();
        (await rig.ResultAsync("b", "2.png")).Faces[0].Matches.ShouldBeEmpty();
    }

    [Fact]
    public async Task StopAsync_WithMessagesInHand_LosesNone()
    {
        RecognitionRig rig = await RigAsync();
        for (int i = 0; i < 40; i++)
            await rig.SendAsync("b", await rig.UploadAsync("b", $"{i}.png", RecognitionRig.Png(16, i)));
        using (var consumer = rig.Consumer())
        {
            await consumer.StartAsync(TestContext.Current.CancellationToken);
            await Task.Delay(300, TestContext.Current.CancellationToken);
            await consumer.StopAsync(new CancellationToken(canceled: true));
        }

        await rig.RunAsync();

        (await rig.SummaryAsync("b")).Images.ShouldSatisfyAllConditions(
            images => images.Total.ShouldBe(40), images => images.Ok.ShouldBe(40));
    }

    private async Task<RecognitionRig> RigAsync()
    {
        var rig = new RecognitionRig(await azurite.NewAccountAsync(), shipped.Models);
        await rig.EnrolAsync(("ada", 1), ("bob", 2));
        return rig;
    }

    private static async Task<int> CountImagesAsync(Func<Task> run)
    {
        using var recorder = new MeasurementRecorder();
        await run();
        return (int)recorder.Of("ipunet.images").Sum(images => images.Value);
    }
}
