using IpuNet.Contract;
using IpuNet.Faces.Telemetry;
using IpuNet.Service.Recognition;
using IpuNet.Service.Tests.Recognition;
using IpuNet.Service.Tests.Telemetry;

namespace IpuNet.Service.Tests.Enrolment;

public sealed class RunningWorkerTests(AzuriteFixture azurite, ShippedModels shipped)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RecognitionConsumer_WhileOthersEnrolAndDelete_SeesIt()
    {
        var rig = new EnrolmentRig(await azurite.NewAccountAsync(), shipped.Models);
        var recognition = new RecognitionRig(rig.Account, shipped.Models);
        await rig.EnrolAsync("1", "bob", EnrolmentAction.Add, EnrolmentRig.Face(9));
        using RecognitionConsumer running = recognition.Consumer();
        await running.StartAsync(Cancellation);
        int probes = 0;
        (await MatchesAsync()).ShouldBe(["bob"]);

        await rig.EnrolAsync("2", "ada", EnrolmentAction.Add, EnrolmentRig.Face(1));
        await ConsumerRun.UntilAsync(async () => (await MatchesAsync()) is ["ada", "bob"]);

        await rig.EnrolAsync("3", "ada", EnrolmentAction.Delete);
        await ConsumerRun.UntilAsync(async () => (await MatchesAsync()) is ["bob"]);
        await running.StopAsync(Cancellation);

        async Task<string[]> MatchesAsync()
        {
            string file = $"{++probes}.png";
            string image = await recognition.UploadAsync("b", file, EnrolmentRig.Face(1, side: 90));
            await recognition.SendAsync(new FaceBatchMessage { BatchId = "b", Gallery = EnrolmentRig.Gallery, Images = [image] });
            var result = rig.Account.Container(StorageNames.Results).GetBlobClient(StorageNames.Result("b", file));
            await ConsumerRun.UntilAsync(async () => await result.ExistsAsync(Cancellation));
            return [.. (await recognition.ResultAsync("b", file)).Faces[0].Matches.Select(match => match.SubjectId)];
        }
    }

    [Fact]
    public async Task EnrolmentConsumer_OfJobs_MeasuresThemAndItsStagesAndRefusedImages()
    {
        var rig = new EnrolmentRig(await azurite.NewAccountAsync(), shipped.Models);
        using var recorder = new MeasurementRecorder();

        await rig.EnrolAsync("1", "ada", EnrolmentAction.Add, EnrolmentRig.Face(1), EnrolmentRig.Face(1, side: 20), "no image"u8.ToArray());
        await rig.EnrolAsync("2", "ada", EnrolmentAction.Delete);
        await rig.EnrolAsync("3", "bob", EnrolmentAction.Replace, EnrolmentRig.Face(1, side: 20));

        recorder.Of("ipunet.enrolments").Select(measured => (measured.Tag("action"), measured.Tag("status")))
            .ShouldBe([("add", "ok"), ("delete", "ok"), ("replace", "refused")], ignoreOrder: true);
        recorder.Of("ipunet.enrolment.refused").Select(measured => measured.Tag("category")).ShouldBe(["small", "unreadable", "small"]);
        string?[] stages = [.. recorder.Of(PipelineStage.Instrument).Select(measured => measured.Tag(PipelineStage.StageTag))];
        stages.ShouldContain("enrol");
        stages.ShouldContain("delete");
    }
}
