using System.Collections.Concurrent;
using System.Diagnostics;
using IpuNet.Contract;
using IpuNet.Faces.Telemetry;
using IpuNet.Service.Tests.Telemetry;

namespace IpuNet.Service.Tests.Recognition;

/// <summary>The telemetry of recognition: traces of each message, and metrics.</summary>
public sealed class RecognitionTelemetryTests(AzuriteFixture azurite, ShippedModels shipped) : IDisposable
{
    private const string Sender = "sender";

    private readonly ConcurrentQueue<Activity> _spans = new();
    private ActivityListener? _listener;

    public void Dispose() => _listener?.Dispose();

    [Fact]
    public async Task ExecuteAsync_OfAMessage_TracesEveryStageInTheTraceOfItsSender()
    {
        RecognitionRig rig = await RigAsync();
        ActivityTraceId trace = await SendAsync(rig, "1.png");

        await rig.RunAsync();

        Activity[] spans = [.. _spans.Where(span => span.TraceId == trace)];
        Activity handling = spans.Single(span => span.OperationName == $"process {StorageNames.FaceBatches}");
        string[] ofTheMessage = [.. spans.Where(span => span.ParentSpanId == handling.SpanId).Select(span => span.OperationName)];
        ofTheMessage.Order().ShouldBe(["decode", "detect", "download", "match", "recognise", "report", "write"]);
        Activity recognising = spans.Single(span => span.OperationName == "recognise");
        spans.Where(span => span.ParentSpanId == recognising.SpanId).Select(span => span.OperationName).ShouldBe(["enhance", "embed"]);
    }

    [Fact]
    public async Task ExecuteAsync_OfAnImageThatIsLeftAlone_TracesItAsAnyOther()
    {
        RecognitionRig rig = await RigAsync();
        ActivityTraceId trace = await SendAsync(rig, "1.png");
        await rig.BeSuspectedAsync("b", "1.png");

        await rig.RunAsync();

        (await rig.PoisonedAsync()).ShouldBeEmpty();
        (await rig.ResultAsync("b", "1.png")).Status.ShouldBe(ImageStatus.Failed);
        _spans.Where(span => span.TraceId == trace).Select(span => span.OperationName).ShouldContain("match");
    }

    [Fact]
    public async Task ExecuteAsync_OfMessagesThatShareABatch_LinksTheBatchToEach()
    {
        RecognitionRig rig = await RigAsync();
        HashSet<ActivityTraceId> traces = [];
        for (int i = 0; i < 40; i++)
            traces.Add(await SendAsync(rig, $"{i}.png"));

        await rig.RunAsync();

        Activity[] batches =
            [.. _spans.Where(span => span.OperationName == "recognise" && span.Links.Any(link => traces.Contains(link.Context.TraceId)))];
        batches.ShouldNotBeEmpty();
        batches.ShouldAllBe(
            batch => batch.Parent == null && batch.Links.Count() > 1 && batch.Links.All(link => traces.Contains(link.Context.TraceId)));
        Activity[] writes = [.. _spans.Where(span => span.OperationName == "write")];
        traces.ShouldAllBe(trace => writes.Count(write => write.TraceId == trace) == 1);
    }

    [Fact]
    public async Task ExecuteAsync_OfMessages_MeasuresFacesQueueAgeBatchFillStagesAndPoison()
    {
        RecognitionRig rig = await RigAsync();
        await rig.SendAsync(
            "b", await rig.UploadAsync("b", "1.png", RecognitionRig.Png(16, 1)),
            await rig.UploadAsync("b", "2.png", RecognitionRig.Png(64, 2)));
        await rig.SendAsync("b", "uploads/elsewhere/1.png");
        using var recorder = new MeasurementRecorder();

        await rig.RunAsync();

        recorder.Of("ipunet.faces").Sum(faces => faces.Value).ShouldBe(2);
        recorder.Of("ipunet.images").Where(images => images.Tag("status") == "ok").Sum(images => images.Value).ShouldBe(2);
        recorder.Of("ipunet.batch.fill").Sum(batch => batch.Value).ShouldBe(2);
        recorder.Of("ipunet.queue.age").Count(
            age => age.Tag("queue") == StorageNames.FaceBatches && age.Value is >= 0 and < 60).ShouldBeGreaterThanOrEqualTo(2);
        recorder.Of("ipunet.poisoned").ShouldContain(
            poisoned => poisoned.Tag("queue") == StorageNames.FaceBatches && poisoned.Tag("category") == "name");
        string?[] stages = [.. recorder.Of(PipelineStage.Instrument).Select(stage => stage.Tag(PipelineStage.StageTag)).Distinct().Order()];
        stages.ShouldBe(["decode", "detect", "download", "embed", "enhance", "match", "recognise", "report", "write"]);
    }

    private async Task<RecognitionRig> RigAsync()
    {
        var rig = new RecognitionRig(await azurite.NewAccountAsync(), shipped.Models);
        await rig.EnrolAsync(("ada", 1));
        _listener = TestTraces.Listen(stopped: _spans.Enqueue);
        return rig;
    }

    // Sends each message in its own trace.
    private static async Task<ActivityTraceId> SendAsync(RecognitionRig rig, string file)
    {
        string image = await rig.UploadAsync("b", file, RecognitionRig.Png(16, 1));
        Activity.Current = null;
        using Activity sender = TestTraces.Source.StartActivity(Sender)!;
        await rig.SendAsync("b", image);
        return sender.TraceId;
    }
}
