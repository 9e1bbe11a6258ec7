using IpuNet.Training.Experiments;
using IpuNet.Training.Tests.Aligning;
using IpuNet.Training.Training;
using TorchSharp;

namespace IpuNet.Training.Tests.Training;

// Torch counts the tensors of the whole process: no other test may run beside these.
[CollectionDefinition(nameof(TensorLeakTests), DisableParallelization = true)]
[Collection(nameof(TensorLeakTests))]
public sealed class TensorLeakTests : IDisposable
{
    private readonly TrainingFolder _folder = new();

    [Fact]
    public Task RunAsync_ManyStepsOfAnEnhancer_KeepsTheNumberOfTensors() =>
        KeepsTheNumberAsync(TrainingFolder.Experiment(steps: 8), afterSteps: 3);

    [Fact]
    public Task RunAsync_ManyStepsOfAStudent_KeepsTheNumberOfTensors() =>
        KeepsTheNumberAsync(TrainingFolder.Distillation(steps: 6), afterSteps: 2);

    [Fact]
    public async Task RunAsync_ManyStepsOfAnAligner_KeepsTheNumberOfTensors()
    {
        using var faces = new MadeFaces();
        AlignerExperiment experiment = AlignerTaskTests.Experiment(steps: 6);
        using var trainer = new Trainer(
            experiment, faces.Run("leak"), new AlignerTask(experiment, faces.Photos, faces.Photos), start: null);

        await KeepsTheNumberAsync(trainer, afterSteps: 2);
    }

    public void Dispose() => _folder.Dispose();

    private async Task KeepsTheNumberAsync(Experiment experiment, int afterSteps)
    {
        using Trainer trainer = _folder.Trainer(experiment, "leak");
        await KeepsTheNumberAsync(trainer, afterSteps);
    }

    private static async Task KeepsTheNumberAsync(Trainer trainer, int afterSteps)
    {
        var alive = new List<long>();
        // What earlier tests left to the garbage collector goes before counting begins, and not in the middle.
        GC.Collect();
        GC.WaitForPendingFinalizers();

        await trainer.RunAsync(
            new Recorder<TrainingProgress>(_ => alive.Add(torch.Tensor.TotalCount)), cancellation: TestContext.Current.CancellationToken);

        alive.Skip(afterSteps).Distinct().Count().ShouldBe(1, $"tensors alive after each step: {string.Join(", ", alive)}");
    }
}
