using IpuNet.CommandLine.Inputs;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Models;
using IpuNet.Training.Data;
using IpuNet.Training.Experiments;
using IpuNet.Training.Losses;
using IpuNet.Training.Training;
using IpuNet.Training.WarmStart;

namespace IpuNet.Cli.Train;

/// <summary>Runs an experiment in a folder and shows how it gets on; a run that is there goes on.</summary>
/// <param name="experiment">The experiment.</param>
/// <param name="recogniser">The frozen recogniser.</param>
/// <param name="from">The model that a new run starts from; null for random weights.</param>
/// <param name="folder">The run's folder.</param>
/// <param name="terminal">Shows progress.</param>
internal sealed class TrainingRunner(Experiment experiment, InstalledModel recogniser, InstalledModel? from, string folder, Terminal terminal)
{
    /// <summary>How many steps are done.</summary>
    public int Step { get; private set; }

    /// <param name="faces">All faces; some people are kept for validation as the experiment says.</param>
    /// <param name="saved">Is given each file that a run goes on from; null for nobody.</param>
    /// <param name="cancellation">Stops; the last step is saved.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="TrainingDivergedException">The loss is no number any more.</exception>
    public async Task RunAsync(IReadOnlyList<TrainingFace> faces, Func<string, Task>? saved, CancellationToken cancellation)
    {
        using FrozenRecogniser frozen = FrozenRecogniser.Open(recogniser);
        var split = FaceSplit.Create(faces, experiment.Validation.People, experiment.Seed);
        AlignedFaces aligned = await ReadAsync(split, cancellation);
        using Trainer trainer = await ProgressDisplay.RunAsync(
            terminal,
            "faces embedded",
            aligned.Count,
            progress => Task.Run(() => new Trainer(
                experiment, folder, aligned, split, frozen, recogniser.Manifest.Sha256,
                from is null ? null : () => StartingWeights.Read(from, (EnhancerExperiment)experiment, aligned), Counting(progress), cancellation)));
        try
        {
            var reports = new TrainingReports(terminal);
            await ProgressDisplay.RunAsync(
                terminal,
                "steps",
                experiment.Schedule.Steps,
                progress => Task.Run(
                    () => trainer.RunAsync(
                        new Calling<TrainingProgress>(step => progress.Report(TrainingReports.Describe(step))), new Calling<ValidationResult>(reports.Show), saved, cancellation)));
        }
        finally
        {
            Step = trainer.Step;
        }
    }

    private async Task<AlignedFaces> ReadAsync(FaceSplit split, CancellationToken cancellation)
    {
        var unreadable = new UnreadableImages(terminal);
        AlignedFaces faces = await ProgressDisplay.RunAsync(
            terminal,
            "faces read",
            split.Training.Count,
            progress => Task.Run(() => AlignedFaces.Load(split.Training, experiment.Data.CacheMegabytes, unreadable.Add, Counting(progress), cancellation)));
        unreadable.Summarise();
        terminal.WriteLine($"{faces.Count:N0} faces to learn from, {split.Validation.Count:N0} people kept for validation.");
        return faces;
    }

    private static Calling<int> Counting(IProgress<ProgressCount> progress) => new(done => progress.Report(new ProgressCount(done)));

    // Unlike Progress<T> it calls at once and in order.
    private sealed class Calling<T>(Action<T> call) : IProgress<T>
    {
        public void Report(T value) => call(value);
    }
}
