using Azure.Storage.Blobs;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Service.Models;
using IpuNet.Service.Tests.Recognition;
using IpuNet.Service.Tests.Registry;
using IpuNet.Service.Tests.Telemetry;

namespace IpuNet.Service.Tests.Models;

public sealed class ModelSwitchTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LookAsync_WithNothingInStorage_KeepsTheWorkersOwnModels()
    {
        using SwitchRig rig = await RigAsync();

        await rig.Switch.LookAsync(Cancellation);

        rig.Running.ShouldBe((SwitchRig.Copying, SwitchRig.Pooling));
        rig.Switch.Problem.ShouldBeNull();
    }

    [Fact]
    public async Task LookAsync_AfterPromotionAndRollback_RunsWhatIsInUse()
    {
        using SwitchRig rig = await RigAsync();

        await rig.Registry.PromoteAsync(SwitchRig.Inverting);
        await rig.Switch.LookAsync(Cancellation);
        rig.Running.Enhancer.ShouldBe(SwitchRig.Inverting);

        await rig.Registry.RollbackAsync();
        await rig.Switch.LookAsync(Cancellation);
        rig.Running.Enhancer.ShouldBe(SwitchRig.Copying);
    }

    [Fact]
    public async Task LookAsync_WhileModelsAreBorrowed_LetsThemFinishAndClosesThemThen()
    {
        using SwitchRig rig = await RigAsync();
        await rig.Registry.PromoteAsync(SwitchRig.Inverting);
        await rig.Switch.LookAsync(Cancellation);
        ModelLease former = rig.Serving.Borrow();
        RgbImage face = RecognitionRig.Face(128, 1);

        await rig.Registry.RollbackAsync();
        await rig.Switch.LookAsync(Cancellation);

        former.Replaced.IsCancellationRequested.ShouldBeTrue();
        former.Models.Enhancer!.Enhance([face])[0].Pixels[0].ShouldBe((byte)~face.Pixels[0]);
        var enhancer = former.Models.Enhancer;
        former.Dispose();
        Should.Throw<ObjectDisposedException>(() => enhancer.Enhance([face]));
    }

    [Theory]
    [InlineData("wrong checksum", "its SHA-256 is")]
    [InlineData("no network", "cannot load the model")]
    [InlineData("no unit vectors", "is not a unit vector")]
    [InlineData("gone", "model.onnx: does not exist")]
    public async Task LookAsync_OfModelsThatCannotBeUsed_KeepsTheOldOnesAndSaysWhy(string damage, string expected)
    {
        using SwitchRig rig = await RigAsync();
        using var recorder = new MeasurementRecorder();
        await PromoteDamagedAsync(rig, damage);

        await rig.Switch.LookAsync(Cancellation);

        rig.Running.ShouldBe((SwitchRig.Copying, SwitchRig.Pooling));
        rig.Switch.Problem.ShouldNotBeNull().ShouldContain(expected);
        recorder.Of("ipunet.models.switches").Select(measured => measured.Tag("outcome")).ShouldBe(["failed"]);

        await rig.Registry.RollbackAsync();
        await rig.Switch.LookAsync(Cancellation);
        rig.Switch.Problem.ShouldBeNull();
    }

    [Fact]
    public async Task LookAsync_OfACurrentJsonThatIsDamaged_KeepsTheOldOnesAndSaysSo()
    {
        using SwitchRig rig = await RigAsync();
        await rig.Registry.Blob(StorageNames.CurrentModels).UploadAsync(BinaryData.FromString("{"), Cancellation);

        await rig.Switch.LookAsync(Cancellation);

        rig.Running.Enhancer.ShouldBe(SwitchRig.Copying);
        rig.Switch.Problem.ShouldNotBeNull().ShouldContain("models/current.json: cannot be used");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"schema\":1,\"enhancer\":\"nobody@1\"}")]
    public async Task LookAsync_OfAWrongCurrentJsonThatIsPutRight_HasNoProblemAnyMore(string wrong)
    {
        using SwitchRig rig = await RigAsync();
        BlobClient current = rig.Registry.Blob(StorageNames.CurrentModels);
        foreach (string? right in (string?[])[null, "{\"schema\":1}", $"{{\"schema\":1,\"enhancer\":\"{SwitchRig.Inverting}\"}}", null])
        {
            await current.UploadAsync(BinaryData.FromString(wrong), overwrite: true, Cancellation);
            await rig.Switch.LookAsync(Cancellation);
            rig.Switch.Problem.ShouldNotBeNull();

            if (right is null)
                await current.DeleteAsync(cancellationToken: Cancellation);
            else
                await current.UploadAsync(BinaryData.FromString(right), overwrite: true, Cancellation);
            await rig.Switch.LookAsync(Cancellation);

            rig.Switch.Problem.ShouldBeNull(right);
            rig.Running.Enhancer.ShouldBe(
                right?.Contains(SwitchRig.Inverting, StringComparison.Ordinal) == true ? SwitchRig.Inverting : SwitchRig.Copying);
        }
    }

    [Fact]
    public async Task LookAsync_OfAModelThatIsNotThere_SaysWhereItWasLookedFor()
    {
        using SwitchRig rig = await RigAsync();
        await rig.Registry.Blob(
            StorageNames.CurrentModels).UploadAsync(BinaryData.FromString("{\"schema\":1,\"enhancer\":\"nobody@1\"}"), Cancellation);

        await rig.Switch.LookAsync(Cancellation);

        rig.Switch.Problem.ShouldNotBeNull().ShouldContain(
            $"There is no model 'nobody@1' in {rig.Account.Address.ToString().TrimEnd('/')}/models.");
    }

    [Fact]
    public async Task BeginAsync_WithModelsInUseThatCannotBeUsed_TakesThoseBefore()
    {
        using SwitchRig rig = await RigAsync();
        await rig.Registry.PromoteAsync(SwitchRig.Inverting);
        await PromoteDamagedAsync(rig, "no network");
        using var serving = new ServingModels();
        using ModelSwitch other = rig.NewSwitch(serving);

        await other.BeginAsync(Cancellation);

        using ModelLease lease = serving.Borrow();
        lease.Models.Enhancer!.Id.ShouldBe(SwitchRig.Inverting);
        other.Problem.ShouldNotBeNull().ShouldContain("cannot load the model");
    }

    [Fact]
    public async Task LookAsync_OfAnotherRecogniser_WaitsForTheGalleries()
    {
        using SwitchRig rig = await RigAsync();
        var recognition = new RecognitionRig(rig.Account, rig.Serving.Borrow().Models);
        await recognition.EnrolAsync(("ada", 1));
        using var recorder = new MeasurementRecorder();

        await rig.Registry.PromoteAsync(SwitchRig.ForNewRecogniser, SwitchRig.PoolingFiner);
        await rig.Switch.LookAsync(Cancellation);

        rig.Running.Recogniser.ShouldBe(SwitchRig.Pooling);
        rig.Switch.Problem.ShouldNotBeNull().ShouldContain($"the gallery {RecognitionRig.Gallery} is re-embedded");
        recorder.Of("ipunet.models.switches").Select(measured => measured.Tag("outcome")).ShouldBe(["waiting"]);
        using ModelLease next = rig.Serving.BorrowNext();
        next.Models.Embedder!.Id.ShouldBe(SwitchRig.PoolingFiner);
    }

    [Fact]
    public async Task LookAsync_OfAnotherRecogniserWithoutGalleries_SwitchesAtOnce()
    {
        using SwitchRig rig = await RigAsync();

        await rig.Registry.PromoteAsync(SwitchRig.ForNewRecogniser, SwitchRig.PoolingFiner);
        await rig.Switch.LookAsync(Cancellation);

        rig.Running.ShouldBe((SwitchRig.ForNewRecogniser, SwitchRig.PoolingFiner));
    }

    private static async Task PromoteDamagedAsync(SwitchRig rig, string damage)
    {
        bool isRecogniser = damage == "no unit vectors";
        string id = isRecogniser ? "embedder@9" : "enhancer@9";
        byte[] model = isRecogniser ? TinyOnnx.NotNormalising() : damage == "no network" ? [1, 2, 3] : TinyOnnx.Copying();
        await rig.Registry.PublishAsync(id, isRecogniser ? ModelKind.Recogniser : ModelKind.Enhancer, model);
        if (isRecogniser)
            await rig.Registry.Registry.PublishAsync(
                RegistryRig.Manifest("enhancer@8") with { Policies = [RegistryRig.PolicyFor(id)] }, TinyOnnx.Copying(), Cancellation);
        await rig.Registry.PromoteAsync(isRecogniser ? [id, "enhancer@8"] : [id]);
        if (damage == "wrong checksum")
            await rig.Registry.Blob("enhancer/9/model.onnx").UploadAsync(BinaryData.FromBytes([9]), overwrite: true, Cancellation);
        if (damage == "gone")
            await rig.Registry.Blob("enhancer/9/model.onnx").DeleteAsync(cancellationToken: Cancellation);
    }

    private async Task<SwitchRig> RigAsync() => await SwitchRig.StartAsync(await azurite.NewAccountAsync());
}
