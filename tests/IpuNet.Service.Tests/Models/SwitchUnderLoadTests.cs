using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Service.Models;
using IpuNet.Service.Recognition;
using IpuNet.Service.Tests.Recognition;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Tests.Models;

public sealed class SwitchUnderLoadTests(AzuriteFixture azurite)
{
    private const string Batch = "b";
    private const int Images = 320, ImagesEach = 8, Side = 64;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LookAsync_WhileUploadsAreWorkedOn_LosesNoneAndMixesNoModels()
    {
        using SwitchRig rig = await SwitchRig.StartAsync(await azurite.NewAccountAsync());
        RecognitionRig recognition = await RecognitionAsync(rig);
        await SendAsync(recognition);
        using RecognitionConsumer worker = recognition.Consumer();
        await worker.StartAsync(Cancellation);

        int switches = 0, seen = 0;
        for (; await CountAsync(recognition) is var done and < Images; await Task.Delay(20, Cancellation))
        {
            if (done < seen + Images / 10)
                continue;
            seen = done;
            if (switches++ % 2 == 0)
                await rig.Registry.PromoteAsync(SwitchRig.Inverting);
            else
                await rig.Registry.RollbackAsync();
            await rig.Switch.LookAsync(Cancellation);
        }

        await worker.StopAsync(Cancellation);
        (string? Enhancer, bool IsInverted)[] pictures = await Task.WhenAll(
            Enumerable.Range(0, Images).Select(i => LookAtAsync(recognition, i)));
        pictures.ShouldAllBe(picture => picture.IsInverted == (picture.Enhancer == SwitchRig.Inverting));
        pictures.Select(picture => picture.Enhancer).Distinct().ShouldBe([SwitchRig.Copying, SwitchRig.Inverting], ignoreOrder: true);
        switches.ShouldBeGreaterThanOrEqualTo(2);
        (await recognition.PoisonedAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task ModelWatch_AfterPromotionAndRollback_HasThemTakeEffectInARunningWorker()
    {
        using SwitchRig rig = await SwitchRig.StartAsync(await azurite.NewAccountAsync());
        RecognitionRig recognition = await RecognitionAsync(rig);
        using var watch = new ModelWatch(
            rig.Switch, Options.Create(new ModelOptions { PollInterval = TimeSpan.FromSeconds(1) }), TimeProvider.System);
        await watch.StartAsync(Cancellation);

        await rig.Registry.PromoteAsync(SwitchRig.Inverting);
        await ConsumerRun.UntilAsync(() => Task.FromResult(rig.Running.Enhancer == SwitchRig.Inverting));
        (await RecogniseOneAsync(recognition, 0)).ShouldBe((SwitchRig.Inverting, true));

        await rig.Registry.RollbackAsync();
        await ConsumerRun.UntilAsync(() => Task.FromResult(rig.Running.Enhancer == SwitchRig.Copying));
        (await RecogniseOneAsync(recognition, 1)).ShouldBe((SwitchRig.Copying, false));
        await watch.StopAsync(Cancellation);
    }

    private static async Task<RecognitionRig> RecognitionAsync(SwitchRig rig)
    {
        using ModelLease lease = rig.Serving.Borrow();
        var recognition = new RecognitionRig(rig.Account, lease.Models) { Serving = rig.Serving };
        await recognition.EnrolAsync(("ada", 1), ("bob", 2));
        return recognition;
    }

    private static async Task SendAsync(RecognitionRig recognition)
    {
        string[] uploads = await Task.WhenAll(
            Enumerable.Range(0, Images).Select(i => recognition.UploadAsync(Batch, $"{i}.png", RecognitionRig.Png(Side, i))));
        foreach (string[] some in uploads.Chunk(ImagesEach))
            await recognition.SendAsync(Batch, some);
    }

    private static async Task<(string? Enhancer, bool IsInverted)> RecogniseOneAsync(RecognitionRig recognition, int image)
    {
        await recognition.SendAsync(Batch, await recognition.UploadAsync(Batch, $"{image}.png", RecognitionRig.Png(Side, image)));
        await recognition.RunAsync();
        return await LookAtAsync(recognition, image);
    }

    private static async Task<int> CountAsync(RecognitionRig recognition) =>
        (await recognition.ResultBlobsAsync()).Keys.Count(name => name.EndsWith(".png.json", StringComparison.Ordinal));

    // The enhancer that the result names, and the one that its picture shows.
    private static async Task<(string? Enhancer, bool IsInverted)> LookAtAsync(RecognitionRig recognition, int image)
    {
        ImageAnswer answer = await recognition.ResultAsync(Batch, $"{image}.png");
        string picture = answer.Faces[0].Image![(StorageNames.Results.Length + 1)..];
        var png = await recognition.Account.Container(StorageNames.Results).GetBlobClient(picture).DownloadContentAsync(Cancellation);
        byte[] shown = ImageDecoder.Decode(png.Value.Content.ToArray(), picture).Pixels,
        aligned = FaceAligner.FromCrop(RecognitionRig.Face(Side, image)).Pixels;
        bool isInverted = shown.Zip(aligned).All(pixel => pixel.First == (byte)~pixel.Second);
        (isInverted || shown.AsSpan().SequenceEqual(aligned)).ShouldBeTrue();
        return (answer.Models!.Enhancer, isInverted);
    }
}
