using IpuNet.Faces.Models;
using IpuNet.Training.Data;
using IpuNet.Training.Experiments;
using IpuNet.Training.Losses;
using IpuNet.Training.Training;
using IpuNet.Training.WarmStart;

namespace IpuNet.Training.Runs;

/// <summary>Trains an experiment in a folder, and reports the progress. Resumes the training that the folder holds.</summary>
/// <param name="experiment">The experiment.</param>
/// <param name="recogniser">The frozen recogniser.</param>
/// <param name="from">The model that a new run starts from; null for random weights.</param>
/// <param name="folder">The run's folder.</param>
/// <param name="reports">Gets the reports.</param>
public sealed class TrainingRunner(
    Experiment experiment, InstalledModel recogniser, InstalledModel? from, string folder, IProgress<WorkReport> reports)
{
    /// <summary>Number of steps that are done, those of earlier runs included.</summary>
    public int Step { get; private set; }

    /// <summary>Trains to the last step.</summary>
    /// <param name="faces">All faces. Some people are kept for validation, as the experiment says.</param>
    /// <param name="saved">Gets the path of each checkpoint when it is written; null for none.</param>
    /// <param name="cancellation">Stops the training. The last step is saved.</param>
    /// <exception cref="OperationCanceledException">The training was stopped.</exception>
    /// <exception cref="TrainingDivergedException">The loss is infinite or not a number.</exception>
    public async Task RunAsync(IReadOnlyList<TrainingFace> faces, Func<string, Task>? saved, CancellationToken cancellation)
    {
        using FrozenRecogniser frozen = FrozenRecogniser.Open(recogniser);
        var split = FaceSplit.Create(faces, experiment.Validation.People, experiment.Seed);
        AlignedFaces aligned = await ReadAsync(split, cancellation).ConfigureAwait(false);
        using Trainer trainer = await reports.DoPartAsync(
            "faces embedded",
            aligned.Count,
            progress => Task.Run(() => new Trainer(
                experiment, folder, aligned, split, frozen, recogniser.Manifest.Sha256,
                from is null ? null : () => StartingWeights.Read(from, (EnhancerExperiment)experiment, aligned), Counting(progress),
                cancellation))).ConfigureAwait(false);
        try
        {
            await reports.DoPartAsync(
                "steps",
                experiment.Schedule.Steps,
                progress => Task.Run(
                    () => trainer.RunAsync(
                        new DirectProgress<TrainingProgress>(step => progress(step.Step, step.Steps, step.ToString())),
                        new DirectProgress<ValidationResult>(result => reports.Report(new ValidationReport(result))),
                        saved,
                        cancellation))).ConfigureAwait(false);
        }
        finally
        {
            Step = trainer.Step;
        }
    }

    private async Task<AlignedFaces> ReadAsync(FaceSplit split, CancellationToken cancellation)
    {
        var unreadable = new UnreadableImages(reports);
        AlignedFaces faces = await reports.DoPartAsync(
            "faces read",
            split.Training.Count,
            progress => Task.Run(
                () => AlignedFaces.Load(
                    split.Training, experiment.Data.CacheMegabytes, unreadable.Add, Counting(progress),
                    cancellation))).ConfigureAwait(false);
        unreadable.Summarise();
        reports.Say($"{faces.Count:N0} training faces, {split.Validation.Count:N0} people for validation.");
        return faces;
    }

    private static DirectProgress<int> Counting(PartProgress progress) => new(done => progress(done));
}
