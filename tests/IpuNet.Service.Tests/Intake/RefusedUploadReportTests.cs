using IpuNet.Contract;
using IpuNet.Faces.Telemetry;
using IpuNet.Service.Storage;
using IpuNet.Service.Tests.Recognition;
using IpuNet.Service.Tests.Telemetry;

namespace IpuNet.Service.Tests.Intake;

/// <summary>The batch's summary and report include the results that the intake writes itself.</summary>
public sealed class RefusedUploadReportTests(AzuriteFixture azurite, ShippedModels shipped)
{
    [Fact]
    public async Task HandleAsync_OfABatchThatIsRefusedAltogether_GetsItASummaryAndAReport()
    {
        var (host, rig) = await PrepareAsync();
        await TakeInAsync(host, "notes.txt", [1]);
        await TakeInAsync(host, "photo.png", []);
        await TakeInAsync(host, "photos.zip", "no archive"u8.ToArray());

        await rig.RunAsync();

        BatchSummary summary = await rig.SummaryAsync("b");
        summary.Images.ShouldBe(new ImageCounts(2, 0, 0, 2, 0));
        summary.Archives.ShouldHaveSingleItem().Image.ShouldBe("uploads/b/photos.zip");
        (await rig.ResultBlobsAsync()).Keys.ShouldContain(StorageNames.Report("b"));
        (await rig.PoisonedAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task HandleAsync_OfAnArchiveOfWhichEntriesAreRefused_CountsThemInTheSummary()
    {
        var (host, rig) = await PrepareAsync();
        await TakeInAsync(host, "photos.zip", TestArchive.Of("evil.exe", "../up.png", "notes.txt"));

        await rig.RunAsync();

        BatchSummary summary = await rig.SummaryAsync("b");
        summary.RefusedEntries.ShouldBe(2);
        summary.Archives.ShouldHaveSingleItem().ShouldBe(new ArchiveSummary("uploads/b/photos.zip", ImageStatus.Rejected, 2));
    }

    [Fact]
    public async Task HandleAsync_OfAnAnswerWhoseReportNobodyAskedFor_AsksForIt()
    {
        var (host, rig) = await PrepareAsync();
        await TakeInAsync(host, "notes.txt", [1]);
        await rig.Account.Queue(StorageNames.FaceBatches).ClearMessagesAsync(TestContext.Current.CancellationToken);

        await host.HandleAsync("b/notes.txt");
        await rig.RunAsync();

        (await rig.SummaryAsync("b")).Images.Rejected.ShouldBe(1);
    }

    [Fact]
    public async Task HandleAsync_OfManyRefusedUploads_ReportsThemTogether()
    {
        const int uploads = 60;
        var (host, rig) = await PrepareAsync();
        for (int i = 0; i < uploads; i++)
            await TakeInAsync(host, $"{i}.txt", [1]);

        using var recorder = new MeasurementRecorder();
        await rig.RunAsync();

        (await rig.SummaryAsync("b")).Images.Rejected.ShouldBe(uploads);
        recorder.Of(PipelineStage.Instrument).Count(stage => stage.Tag(PipelineStage.StageTag) == "report").ShouldBeLessThan(uploads / 2);
    }

    private async Task<(IntakeHost Host, RecognitionRig Rig)> PrepareAsync()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        return (new IntakeHost(account), new RecognitionRig(account, shipped.Models));
    }

    private static async Task TakeInAsync(IntakeHost host, string file, byte[] content)
    {
        await host.UploadAsync($"b/{file}", content);
        await host.HandleAsync($"b/{file}");
    }
}
