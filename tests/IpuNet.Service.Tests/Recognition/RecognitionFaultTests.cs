using System.Diagnostics;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Service.Tests.Telemetry;

namespace IpuNet.Service.Tests.Recognition;

/// <summary>Events during the handling. The spans of the stages show the moment, and the tests act there.</summary>
public sealed class RecognitionFaultTests(AzuriteFixture azurite, ShippedModels shipped)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ExecuteAsync_WithAModelThatFailsAtABatch_RecognisesItsImagesOneByOne()
    {
        const int images = 10;
        RecognitionRig rig = await RigAsync();
        List<string> uploads = [];
        for (int i = 0; i < images; i++)
            uploads.Add(await rig.UploadAsync("b", $"{i}.png", RecognitionRig.Png(16, i)));
        using var fault = new FirstSpan("embed", atStart: true, () => throw new InvalidOperationException("The model fails."));
        fault.Trace = await SendAsync(rig, uploads);

        await rig.RunAsync();

        fault.HasCome.ShouldBeTrue();
        (await rig.SummaryAsync("b")).Images.Ok.ShouldBe(images);
        (await rig.PoisonedAsync()).ShouldBeEmpty();
        (await rig.ResultAsync("b", "1.png")).Faces[0].Matches[0].SubjectId.ShouldBe("ada");
    }

    [Fact]
    public async Task ExecuteAsync_OfAnUploadThatIsReplacedMeanwhile_EndsWithOneResultOfTheNewOne()
    {
        RecognitionRig rig = await RigAsync();
        string upload = await rig.UploadAsync("b", "1.png", RecognitionRig.Png(16, 1));
        using var replacing = new FirstSpan("download", atStart: false, () => Task.Run(async () =>
        {
            await rig.UploadAsync("b", "1.png", RecognitionRig.Png(128, 2));
            await rig.SendAsync("b", upload);
        }).GetAwaiter().GetResult());
        replacing.Trace = await SendAsync(rig, [upload]);

        await rig.RunAsync();

        replacing.HasCome.ShouldBeTrue();
        (await rig.ResultAsync("b", "1.png")).Faces[0].SourceHeight.ShouldBe(128);
        BlobProperties now = await rig.Account.Container(StorageNames.Uploads)
            .GetBlobClient("b/1.png").GetPropertiesAsync(cancellationToken: Cancellation);
        BlobProperties result = await rig.Account.Container(StorageNames.Results)
            .GetBlobClient("b/1.png.json").GetPropertiesAsync(cancellationToken: Cancellation);
        ResultMetadata.From(result.Metadata)!.UploadETag.ShouldBe(now.ETag.ToString());
        (await rig.SummaryAsync("b")).Images.ShouldSatisfyAllConditions(
            images => images.Total.ShouldBe(1), images => images.Ok.ShouldBe(1));
    }

    [Fact]
    public async Task ExecuteAsync_OfAnUploadThatIsReplacedBeforeItsPictureIsWritten_KeepsThePictureOfTheNewOne()
    {
        RecognitionRig rig = await RigAsync();

        await ReplaceBeforeWritingAsync(rig, RecognitionRig.Png(24, 2));

        BlobProperties now = await rig.Account.Container(StorageNames.Uploads)
            .GetBlobClient("b/1.png").GetPropertiesAsync(cancellationToken: Cancellation);
        BlobProperties picture = await rig.Account.Container(StorageNames.Results)
            .GetBlobClient("b/1.png.face-0.png").GetPropertiesAsync(cancellationToken: Cancellation);
        ResultMetadata.VersionOf(picture.Metadata).ShouldBe(now.ETag.ToString());
        (await rig.ResultAsync("b", "1.png")).Faces[0].SourceHeight.ShouldBe(24);
    }

    [Fact]
    public async Task ExecuteAsync_OfAnUploadThatIsReplacedBeforeItsPictureIsWritten_LeavesNoPictureThatTheNewOneLacks()
    {
        RecognitionRig rig = await RigAsync();

        await ReplaceBeforeWritingAsync(rig, RecognitionRig.Png(128, 2));

        (await rig.ResultAsync("b", "1.png")).Faces[0].Image.ShouldBeNull();
        (await rig.ResultBlobsAsync()).Keys.ShouldNotContain("b/1.png.face-0.png");
    }

    // The writer of the first version waits until the second version has its result.
    private static async Task ReplaceBeforeWritingAsync(RecognitionRig rig, byte[] replacement)
    {
        string upload = await rig.UploadAsync("b", "1.png", RecognitionRig.Png(16, 1));
        using var replacing = new FirstSpan("write", atStart: true, () => Task.Run(async () =>
        {
            await rig.UploadAsync("b", "1.png", replacement);
            await rig.SendAsync("b", upload);
            while (!(await rig.ResultBlobsAsync()).ContainsKey("b/1.png.json"))
                await Task.Delay(20, Cancellation);
        }).GetAwaiter().GetResult());
        replacing.Trace = await SendAsync(rig, [upload]);

        await rig.RunAsync();

        replacing.HasCome.ShouldBeTrue();
    }

    private async Task<RecognitionRig> RigAsync()
    {
        var rig = new RecognitionRig(await azurite.NewAccountAsync(), shipped.Models);
        await rig.EnrolAsync(("ada", 1), ("bob", 2));
        return rig;
    }

    private static async Task<ActivityTraceId> SendAsync(RecognitionRig rig, IReadOnlyList<string> images)
    {
        Activity.Current = null;
        using Activity sender = TestTraces.Source.StartActivity("send")!;
        await rig.SendAsync("b", images);
        return sender.TraceId;
    }

    /// <summary>Does something when the first span of a name starts or ends in a trace.</summary>
    private sealed class FirstSpan : IDisposable
    {
        private readonly ActivityListener _listener;
        private int _come;

        public FirstSpan(string name, bool atStart, Action then)
        {
            _listener = atStart ? TestTraces.Listen(started: Step) : TestTraces.Listen(stopped: Step);

            void Step(Activity span)
            {
                if (span.OperationName == name && span.TraceId == Trace && Interlocked.Exchange(ref _come, 1) == 0)
                    then();
            }
        }

        public ActivityTraceId Trace { get; set; }

        public bool HasCome => _come == 1;

        public void Dispose() => _listener.Dispose();
    }
}
