using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Tests.Registry;
using IpuNet.Service.Tests.Telemetry;

namespace IpuNet.Service.Tests.Recognition;

public sealed class DriftMetricsTests(AzuriteFixture azurite, TestModels models) : IClassFixture<TestModels>
{
    [Fact]
    public async Task ExecuteAsync_OfFaces_MeasuresTheirScoresAgainstTheCalibration()
    {
        ModelManifest enhancer = TestModels.Manifest(
            "measured@1", ModelKind.Enhancer, RegistryRig.PolicyFor(models.Store.Current.Recogniser!));
        models.Store.Use(models.Store.Install(enhancer, TinyOnnx.Copying()));
        using var opened = PipelineModels.Open(models.Store, InferenceSettings.Default, recognise: true);
        var recognition = new RecognitionRig(await azurite.NewAccountAsync(), opened);
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
