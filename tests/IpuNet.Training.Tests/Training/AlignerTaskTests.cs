using System.Numerics;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Models;
using IpuNet.Training.Aligning;
using IpuNet.Training.Data;
using IpuNet.Training.Experiments;
using IpuNet.Training.Export;
using IpuNet.Training.Tests.Aligning;
using IpuNet.Training.Training;
using static TorchSharp.torch;

namespace IpuNet.Training.Tests.Training;

[Collection("Torch")]
public sealed class AlignerTaskTests : IDisposable
{
    private readonly MadeFaces _faces = new();

    [Fact]
    public async Task RunAsync_OnDrawnFaces_LearnsWhereTheyLie()
    {
        AlignerExperiment experiment = Experiment(steps: 60);
        experiment = experiment with { Schedule = experiment.Schedule with { Batch = 32, LearningRate = 3e-3, CosineDecay = false } };
        var recorder = new Recorder<TrainingProgress>();
        using Trainer trainer = Trainer(experiment, "learns");

        await trainer.RunAsync(recorder, cancellation: TestContext.Current.CancellationToken);

        double[] errors = [.. recorder.Reports.Select(p => p.Losses.Single(l => l.Name == "alignment").Value)];
        errors[^10..].Average().ShouldBeLessThan(0.7 * errors[..5].Average());
    }

    [Fact]
    public async Task RunAsync_ResumedHalfWay_GivesTheLossesOfAnUnbrokenRun()
    {
        AlignerExperiment experiment = Experiment(steps: 6);
        double[] unbroken = await Losses(experiment, "unbroken");

        using var stop = new CancellationTokenSource();
        var first = new Recorder<TrainingProgress>(p => { if (p.Step == 3) stop.Cancel(); });
        using (Trainer trainer = Trainer(experiment, "broken"))
            await Should.ThrowAsync<OperationCanceledException>(() => trainer.RunAsync(first, cancellation: stop.Token));
        double[] rest = await Losses(experiment, "broken");

        first.Reports.Select(Loss).Concat(rest).ShouldBe(unbroken);
    }

    [Fact]
    public async Task RunAsync_WithValidation_MeasuresEachHeightAndExportsTheBest()
    {
        AlignerExperiment experiment = Experiment(steps: 2);
        experiment = experiment with { Validation = new ValidationOptions { Every = 2, Sizes = [8, 24], Pictures = 4 } };
        using Trainer trainer = Trainer(experiment, "validated");

        ValidationResult result = (await trainer.RunAsync(cancellation: TestContext.Current.CancellationToken)).ShouldNotBeNull();

        result.Rows.Select(row => row.Size).ShouldBe([8, 24]);
        result.Score.ShouldBe(1 - result.Rows.Average(row => Measure(row, "Error")), 1e-9);
        result.Rows.ShouldAllBe(row => Measure(row, "As cut") > 0.03 && Measure(row, "Median") <= Measure(row, "90 %"));
        File.Exists(Path.Combine(_faces.Run("validated"), "pictures-000002.png")).ShouldBeTrue();
        TrainedNetwork trained = TrainedNetwork.Read(IpuNet.Training.Training.Trainer.FindResult(_faces.Run("validated"))!);
        ModelManifest manifest = trained.ToManifest("face-aligner", 1);
        (manifest.Kind, manifest.Architecture, manifest.Input).ShouldBe((ModelKind.Aligner, "face-aligner", new ModelInput(64, 64)));
        trained.ToOnnx(WeightStorage.Half).Length.ShouldBeGreaterThan(500_000);
    }

    [Fact]
    public void Loss_OfSquaresWithoutAFace_IsAboutTheFaceAlone()
    {
        using var scope = NewDisposeScope();
        Tensor answers = full([2, 6, 1, 1], 0.3f).requires_grad_(true);
        var terms = AlignerTask.Loss(answers, [null, null], new AlignerLossOptions());

        terms.Single(t => t.Name == "alignment").Value.item<float>().ShouldBe(0);
        terms.Single(t => t.Name == "error").Value.item<float>().ShouldBe(0);
        terms.Select(t => t.Value).Aggregate((a, b) => a + b).backward();
        float[] gradient = answers.grad!.data<float>().ToArray();
        gradient.Where((_, i) => i % 6 != 5).ShouldAllBe(g => g == 0);
        gradient.Where((_, i) => i % 6 == 5).ShouldAllBe(g => g > 0);
    }

    [Fact]
    public void Loss_OfAShift_IsTheShiftInSidesOfTheFace()
    {
        using var scope = NewDisposeScope();
        var place = new SimilarityTransform(0.5f, 0.2f, new Vector2(0.1f, -0.1f));
        Tensor answers = tensor([0.5f, 0.2f, 0.1f + 0.03f, -0.1f, 0, 0], [1, 6, 1, 1]);

        var terms = AlignerTask.Loss(answers, [place], new AlignerLossOptions { Alignment = 1, Error = 1 });

        float expected = 0.03f / place.Scale;
        terms.Single(t => t.Name == "alignment").Value.item<float>().ShouldBe(expected, 1e-3f);
        terms.Single(t => t.Name == "error").Value.item<float>().ShouldBe(expected, 1e-3f);
    }

    public void Dispose() => _faces.Dispose();

    internal static AlignerExperiment Experiment(int steps) => new()
    {
        Name = "aligner",
        Data = new DataOptions { Sets = [new ImageSet { Folder = "faces" }] },
        Aligner = new AlignerOptions { SmallestFace = 16, LargestFace = 40, AnyTurn = 0 },
        Schedule = new ScheduleOptions { Batch = 4, Steps = steps, Warmup = 2, WeightDecay = 0.001, Beta1 = 0.9, CheckpointEvery = 100 },
        Validation = new ValidationOptions { Every = 0 },
    };

    private Trainer Trainer(AlignerExperiment experiment, string run) =>
        new(experiment, _faces.Run(run), new AlignerTask(experiment, _faces.Photos, _faces.Photos), start: null);

    private async Task<double[]> Losses(AlignerExperiment experiment, string run)
    {
        var recorder = new Recorder<TrainingProgress>();
        using Trainer trainer = Trainer(experiment, run);
        await trainer.RunAsync(recorder, cancellation: TestContext.Current.CancellationToken);
        return [.. recorder.Reports.Select(Loss)];
    }

    private static double Loss(TrainingProgress progress) => progress.Losses.Single(l => l.Name == "loss").Value;

    private static double Measure(ValidationRow row, string name) => row.Measures.Single(measure => measure.Name == name).Value;
}
