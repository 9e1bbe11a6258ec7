using System.Globalization;
using IpuNet.Contract;
using IpuNet.Faces.Networks;
using IpuNet.Training.Checkpoints;
using IpuNet.Training.Experiments;
using IpuNet.Training.Training;

namespace IpuNet.Training.Tests.Training;

[Collection("Torch")]
public sealed class TrainerTests : IDisposable
{
    private readonly TrainingFolder _folder = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunAsync_ResumedHalfWay_GivesTheLossesOfAnUnbrokenRun(bool isStudent)
    {
        Experiment experiment = isStudent ? TrainingFolder.Distillation(steps: 6) : TrainingFolder.Experiment(steps: 6);
        double[] unbroken = await Losses(experiment, "unbroken");

        using var stop = new CancellationTokenSource();
        var first = new Recorder<TrainingProgress>(p => { if (p.Step == 3) stop.Cancel(); });
        using (Trainer trainer = _folder.Trainer(experiment, "broken"))
            await Should.ThrowAsync<OperationCanceledException>(() => trainer.RunAsync(first, cancellation: stop.Token));
        double[] rest = await Losses(experiment, "broken");

        first.Reports.Select(Loss).Concat(rest).ShouldBe(unbroken);
    }

    [Fact]
    public async Task RunAsync_Cancelled_SavesTheLastStep()
    {
        Experiment experiment = TrainingFolder.Experiment(steps: 50);
        using var stop = new CancellationTokenSource();
        using (Trainer trainer = _folder.Trainer(experiment, "stopped"))
            await Should.ThrowAsync<OperationCanceledException>(
                () => trainer.RunAsync(new Recorder<TrainingProgress>(p => { if (p.Step == 2) stop.Cancel(); }), cancellation: stop.Token));

        using Trainer resumed = _folder.Trainer(experiment, "stopped");

        resumed.Step.ShouldBe(2);
    }

    [Fact]
    public async Task RunAsync_LossIsNoNumber_StopsAndNamesTheStep()
    {
        Experiment experiment = TrainingFolder.Experiment(steps: 40);
        experiment = experiment with { Schedule = experiment.Schedule with { LearningRate = 1e30, Warmup = 1 } };
        using Trainer trainer = _folder.Trainer(experiment, "diverged");

        var error = await Should.ThrowAsync<TrainingDivergedException>(
            () => trainer.RunAsync(cancellation: TestContext.Current.CancellationToken));

        error.Message.ShouldContain("learningRate");
    }

    [Fact]
    public async Task RunAsync_WithValidation_WritesPicturesCurvesAndTheBestModel()
    {
        Experiment experiment = TrainingFolder.Experiment(steps: 2);
        experiment = experiment with { Validation = experiment.Validation with { Every = 2 } };
        using Trainer trainer = _folder.Trainer(experiment, "validated");

        ValidationResult? result = await trainer.RunAsync(cancellation: TestContext.Current.CancellationToken);

        result.ShouldNotBeNull().Rows.Single().Psnr.ShouldNotBeNull().ShouldBeGreaterThan(0);
        string run = _folder.Run("validated");
        File.Exists(Path.Combine(run, "pictures-000002.png")).ShouldBeTrue();
        File.Exists(Path.Combine(run, "best.safetensors")).ShouldBeTrue();
        Directory.EnumerateFiles(Path.Combine(run, "tensorboard"), "*tfevents*", SearchOption.AllDirectories).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData(2.0, true)]
    [InlineData(-1.0, false)]
    public async Task RunAsync_Resumed_ReplacesTheBestModelOnlyByABetterOne(double score, bool isKept)
    {
        Experiment experiment = TrainingFolder.Experiment(steps: 4);
        experiment = experiment with { Validation = experiment.Validation with { Every = 2 } };
        string best = Path.Combine(_folder.Run("best"), IpuNet.Training.Training.Trainer.BestFile);
        using var stop = new CancellationTokenSource();
        using (Trainer trainer = _folder.Trainer(experiment, "best"))
            await Should.ThrowAsync<OperationCanceledException>(
                () => trainer.RunAsync(new Recorder<TrainingProgress>(p => { if (p.Step == 2) stop.Cancel(); }), cancellation: stop.Token));
        var (metadata, tensors) = SafeTensors.Read(best);
        SafeTensors.Write(
            best, new Dictionary<string, string>(metadata) { ["score"] = score.ToString(CultureInfo.InvariantCulture) },
            [.. tensors.Select(t => (t.Key, t.Value.Shape, t.Value.Values))]);

        using (Trainer resumed = _folder.Trainer(experiment, "best"))
            await resumed.RunAsync(cancellation: TestContext.Current.CancellationToken);

        SafeTensors.Read(best).Metadata["step"].ShouldBe(isKept ? "2" : "4");
    }

    [Fact]
    public async Task Constructor_CheckpointOfAnotherNetwork_NamesTheFileAndTheWayOut()
    {
        using (Trainer trainer = _folder.Trainer(TrainingFolder.Experiment(steps: 1), "other"))
            await trainer.RunAsync(cancellation: TestContext.Current.CancellationToken);
        Experiment wider = TrainingFolder.Experiment() with { Network = new UNetOptions { Width = 8 } };

        var error = Should.Throw<FaceDataException>(() => _folder.Trainer(wider, "other"));

        error.Message.ShouldContain("checkpoint.safetensors");
        error.Message.ShouldContain("--out");
    }

    [Fact]
    public async Task RunAsync_AfterTraining_HasMovedTheAveragedWeights()
    {
        using Trainer trainer = _folder.Trainer(TrainingFolder.Experiment(steps: 3), "moved");
        float[] before = trainer.AveragedWeights()["up1.conv.weight"].ToFloats();

        await trainer.RunAsync(cancellation: TestContext.Current.CancellationToken);

        trainer.AveragedWeights()["up1.conv.weight"].ToFloats().ShouldNotBe(before);
    }

    [Fact]
    public async Task Read_CheckpointOfARun_GivesItsAveragedWeights()
    {
        using Trainer trainer = _folder.Trainer(TrainingFolder.Experiment(steps: 2), "read");
        await trainer.RunAsync(cancellation: TestContext.Current.CancellationToken);

        TrainedNetwork trained = TrainedNetwork.Read(Path.Combine(_folder.Run("read"), IpuNet.Training.Training.Trainer.CheckpointFile));

        trained.Step.ShouldBe(2);
        trained.Weights["down3.conv.weight"].ToFloats().ShouldBe(trainer.AveragedWeights()["down3.conv.weight"].ToFloats());
    }

    public void Dispose() => _folder.Dispose();

    private async Task<double[]> Losses(Experiment experiment, string run)
    {
        var recorder = new Recorder<TrainingProgress>();
        using Trainer trainer = _folder.Trainer(experiment, run);
        await trainer.RunAsync(recorder, cancellation: TestContext.Current.CancellationToken);
        return [.. recorder.Reports.Select(Loss)];
    }

    private static double Loss(TrainingProgress progress) => progress.Losses.Single(l => l.Name == "loss").Value;
}
