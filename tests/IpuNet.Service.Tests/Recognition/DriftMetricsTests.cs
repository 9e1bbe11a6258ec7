using IpuNet.Service.Models;
using IpuNet.Service.Tests.Models;
using IpuNet.Service.Tests.Telemetry;

namespace IpuNet.Service.Tests.Recognition;

public sealed class DriftMetricsTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task ExecuteAsync_OfFaces_MeasuresTheirScoresAgainstTheCalibration()
    {
        using SwitchRig rig = await SwitchRig.StartAsync(await azurite.NewAccountAsync());
        using ModelLease lease = rig.Serving.Borrow();
        var recognition = new RecognitionRig(rig.Account, lease.Models) { Serving = rig.Serving };
        await recognition.EnrolAsync(("ada", 1));
        using var recorder = new MeasurementRecorder();

        await recognition.SendAsync("b", await recognition.UploadAsync("b", "1.png", RecognitionRig.Png(64, 1)));
        await recognition.RunAsync();

        var decision = recorder.Of("ipunet.drift.decisions").ShouldHaveSingleItem();
        (decision.Tag("band"), decision.Tag("decision")).ShouldBe(("48-95", "known"));
        recorder.Of("ipunet.drift.score").ShouldHaveSingleItem().Value.ShouldBe(1, 0.01);
        recorder.Of("ipunet.drift.places").ShouldHaveSingleItem().Tag("place").ShouldBe("high");
    }
}
