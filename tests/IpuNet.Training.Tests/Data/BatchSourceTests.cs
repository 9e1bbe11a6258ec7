using IpuNet.Training.Data;
using IpuNet.Training.Degradation;
using IpuNet.Training.Experiments;

namespace IpuNet.Training.Tests.Data;

[Collection("Torch")]
public sealed class BatchSourceTests : IDisposable
{
    private readonly TrainingFolder _folder = new();
    private readonly AlignedFaces _faces;

    public BatchSourceTests()
    {
        Experiment experiment = TrainingFolder.Experiment();
        _faces = AlignedFaces.Load(FaceSet.Find(experiment.Data, _folder.Data), cacheMegabytes: 1);
    }

    [Fact]
    public async Task From_LaterStep_GivesWhatAnUnbrokenRunSees()
    {
        TrainingBatch[] all = await Sut().From(
            0, 5, TestContext.Current.CancellationToken).ToArrayAsync(TestContext.Current.CancellationToken);
        TrainingBatch[] rest = await Sut().From(
            3, 5, TestContext.Current.CancellationToken).ToArrayAsync(TestContext.Current.CancellationToken);

        rest.Select(b => Convert.ToHexString(b.Inputs)).ShouldBe(all.Skip(3).Select(b => Convert.ToHexString(b.Inputs)));
    }

    [Fact]
    public void Make_OneEpoch_ShowsEveryFaceOnce()
    {
        BatchSource sut = Sut();

        IEnumerable<int> shown = Enumerable.Range(0, _faces.Count / 4).SelectMany(step => sut.Make(step).Indices);

        shown.Order().ShouldBe(Enumerable.Range(0, _faces.Count));
    }

    [Fact]
    public void Make_OtherSeed_ShowsOtherFaces() => Sut(seed: 2).Make(0).Inputs.ShouldNotBe(Sut(seed: 1).Make(0).Inputs);

    [Fact]
    public void Make_LowResolutionFaces_DifferFromTheOriginals()
    {
        TrainingBatch batch = Sut().Make(0);

        batch.Inputs.ShouldNotBe(batch.Targets);
    }

    [Fact]
    public void Make_Augmented_ShowsAFaceDifferentlyEachTime()
    {
        var augmentation =
            new AugmentationOptions { Probability = 1, Shift = 2, Scale = 0.05, Rotation = 5, Brightness = 20, Contrast = 0.2 };
        BatchSource sut = Sut(augmentation: augmentation);

        byte[][] faces = [
            .. Enumerable.Range(0, 2 * _faces.Count).Select(sut.Make).SelectMany(
                batch => batch.Targets.Chunk(batch.Targets.Length / batch.Indices.Length))];

        faces.Select(Convert.ToHexString).Distinct().Count().ShouldBe(faces.Length);
    }

    [Fact]
    public async Task From_Cancelled_Stops()
    {
        using var stop = new CancellationTokenSource();
        var seen = 0;

        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (TrainingBatch _ in Sut().From(0, 1_000_000, stop.Token))
            {
                if (++seen == 2)
                    await stop.CancelAsync();
            }
        });

        seen.ShouldBe(2);
    }

    public void Dispose() => _folder.Dispose();

    private BatchSource Sut(int seed = 1, AugmentationOptions? augmentation = null) =>
        new(
            _faces, new DataOptions { Sets = [], Augmentation = augmentation }, new DegradationOptions { Camera = new CameraOptions() },
            batch: 4, seed);
}
