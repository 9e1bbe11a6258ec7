using IpuNet.Contract;
using IpuNet.Faces.Networks;
using IpuNet.Training.Experiments;
using IpuNet.Training.Training;

namespace IpuNet.Training.Tests.Training;

[Collection("Torch")]
public sealed class DistillationTests : IDisposable
{
    private readonly TrainingFolder _folder = new();

    [Fact]
    public async Task RunAsync_Student_ComesNearerToTheFrozenRecogniser()
    {
        RecogniserExperiment experiment = TrainingFolder.Distillation(steps: 30);
        experiment = experiment with
        {
            Losses = experiment.Losses with { Contrast = 0 },
            Schedule = experiment.Schedule with { Batch = 4, LearningRate = 4e-3, CosineDecay = false },
        };
        using Trainer trainer = _folder.Trainer(experiment, "nearer");
        var recorder = new Recorder<TrainingProgress>();

        await trainer.RunAsync(recorder, cancellation: TestContext.Current.CancellationToken);

        double[] distances = [.. recorder.Reports.Select(p => p.Losses.Single(l => l.Name == "identity").Value)];
        distances[^10..].Average().ShouldBeLessThan(0.85 * distances[..5].Average());
    }

    [Fact]
    public async Task RunAsync_StudentWithValidation_HoldsItAgainstTheFrozenRecogniserAndDrawsNothing()
    {
        RecogniserExperiment experiment = TrainingFolder.Distillation(steps: 2);
        experiment = experiment with { Validation = experiment.Validation with { Every = 2 } };
        using Trainer trainer = _folder.Trainer(experiment, "validated");

        ValidationResult? result = await trainer.RunAsync(cancellation: TestContext.Current.CancellationToken);

        result.ShouldNotBeNull().Rows.Select(r => r.Size).ShouldBe([32, 128]);
        result.Rows.ShouldAllBe(r => r.Psnr == null && r.Accuracy >= 0.5 && r.BicubicAccuracy >= 0.5);
        Directory.GetFiles(_folder.Run("validated"), "pictures-*").ShouldBeEmpty();
    }

    [Fact]
    public async Task Read_CheckpointOfAStudent_GivesItsNetworkAndAveragedWeights()
    {
        using Trainer trainer = _folder.Trainer(TrainingFolder.Distillation(steps: 2), "read");
        await trainer.RunAsync(cancellation: TestContext.Current.CancellationToken);

        TrainedNetwork trained = TrainedNetwork.Read(Path.Combine(_folder.Run("read"), Trainer.CheckpointFile));

        trained.Network.Architecture.ShouldBe("inception-resnet-v1-128-per-image-narrow16");
        trained.Experiment.ShouldBeOfType<RecogniserExperiment>();
        trained.Weights["last_linear.weight"].ToFloats().ShouldBe(trainer.AveragedWeights()["last_linear.weight"].ToFloats());
    }

    [Fact]
    public void Constructor_StudentOfAnotherLength_NamesBothAndTheWayOut()
    {
        var student = new InceptionResNetOptions { Dimensions = 512, Narrowing = 16 };
        RecogniserExperiment longer = TrainingFolder.Distillation() with { Student = student };

        var error = Should.Throw<FaceDataException>(() => _folder.Trainer(longer, "longer"));

        error.Message.ShouldContain("512");
        error.Message.ShouldContain("set it to 128");
    }

    public void Dispose() => _folder.Dispose();
}
