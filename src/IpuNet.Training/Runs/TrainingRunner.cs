using IpuNet.Contract;
using IpuNet.Faces.Detection;
using IpuNet.Faces.Models;
using IpuNet.Training.Aligning;
using IpuNet.Training.Data;
using IpuNet.Training.Experiments;
using IpuNet.Training.Losses;
using IpuNet.Training.Training;
using IpuNet.Training.WarmStart;

namespace IpuNet.Training.Runs;

/// <summary>Trains an experiment in a folder, and reports the progress. Resumes the training that the folder holds.</summary>
/// <param name="experiment">The experiment.</param>
/// <param name="models">The models that the training needs.</param>
/// <param name="folder">The run's folder.</param>
/// <param name="reports">Gets the reports.</param>
public sealed class TrainingRunner(
    Experiment experiment, TrainingModels models, string folder, IProgress<WorkReport> reports)
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
        var split = FaceSplit.Create(faces, experiment.Validation.People, experiment.Seed);
        if (experiment is AlignerExperiment aligner)
        {
            using Trainer trainer = await PrepareAsync(aligner, split, cancellation).ConfigureAwait(false);
            await RunAsync(trainer, saved, cancellation).ConfigureAwait(false);
        }
        else
        {
            using FrozenRecogniser frozen = FrozenRecogniser.Open(models.Recogniser!);
            using Trainer trainer = await PrepareAsync(frozen, split, cancellation).ConfigureAwait(false);
            await RunAsync(trainer, saved, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<Trainer> PrepareAsync(FrozenRecogniser frozen, FaceSplit split, CancellationToken cancellation)
    {
        AlignedFaces aligned = await ReadAsync(split, cancellation).ConfigureAwait(false);
        return await reports.DoPartAsync(
            "faces embedded",
            aligned.Count,
            progress => Task.Run(() => new Trainer(
                experiment, folder, aligned, split, frozen, models.Recogniser!.Manifest.Sha256,
                models.From is { } from ? () => StartingWeights.Read(from, (EnhancerExperiment)experiment, aligned) : null,
                Counting(progress), cancellation))).ConfigureAwait(false);
    }

    private async Task<Trainer> PrepareAsync(AlignerExperiment aligner, FaceSplit split, CancellationToken cancellation)
    {
        bool validates = aligner.Validation.Every > 0;
        TrainingFace[] kept = validates ? [.. split.Validation.SelectMany(person => (TrainingFace[])[person.Probe, person.Gallery])] : [];
        TrainingFace[] photos = [.. split.Training, .. kept];
        var unreadable = new UnreadableImages(reports);
        IReadOnlyList<FaceLabel?> labels = await reports.DoPartAsync(
            "photos labelled",
            photos.Length,
            progress => Task.Run(() =>
            {
                using FaceDetector detector = FaceDetector.Open(models.Detector!, InferenceSettings.Default, FaceLabel.Search);
                using FaceLandmarker landmarker = FaceLandmarker.Open(models.Landmarks!, InferenceSettings.Default);
                return FaceLabel.Cached(
                    Trainer.CacheOf(folder), detector, landmarker, photos, unreadable.Add, Counting(progress), cancellation);
            })).ConfigureAwait(false);
        unreadable.Summarise();
        int trained = split.Training.Count;
        var (training, validation) = await reports.DoPartAsync(
            "photos read",
            photos.Length,
            progress => Task.Run(() =>
            {
                int done = 0;
                var count = new DirectProgress<int>(_ => progress(Interlocked.Increment(ref done)));
                long memory = aligner.Data.CacheMegabytes * 1024L * 1024L;
                return (
                    LabelledPhotos.Load(photos[..trained], [.. labels.Take(trained)], memory, count, cancellation),
                    LabelledPhotos.Load(kept, [.. labels.Skip(trained)], memory, count, cancellation));
            })).ConfigureAwait(false);
        reports.Say(
            $"{training.Count:N0} of {trained:N0} training photos and {validation.Count:N0} of {kept.Length:N0} for validation have one "
            + "face near the middle.");
        if (training.Count == 0)
        {
            throw new FaceDataException(
                "No training photo has one face near the middle. An aligner learns from whole photos of one person each.");
        }

        return await Task.Run(
            () => new Trainer(aligner, folder, new AlignerTask(aligner, training, validation), start: null), cancellation)
            .ConfigureAwait(false);
    }

    private async Task RunAsync(Trainer trainer, Func<string, Task>? saved, CancellationToken cancellation)
    {
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

/// <summary>The models that a training needs.</summary>
/// <param name="Recogniser">The frozen recogniser; null for an aligner.</param>
/// <param name="From">The model that a new run starts from; null for random weights.</param>
/// <param name="Detector">The detector that finds the faces; null for an experiment with aligned faces.</param>
/// <param name="Landmarks">The landmark network; null for an experiment with aligned faces.</param>
public sealed record TrainingModels(
    InstalledModel? Recogniser, InstalledModel? From = null, InstalledModel? Detector = null, InstalledModel? Landmarks = null)
{
    /// <summary>Finds the models that an experiment needs.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="store">The model store.</param>
    /// <exception cref="FaceDataException">A model is missing or damaged.</exception>
    public static TrainingModels Find(Experiment experiment, ModelStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (experiment is AlignerExperiment aligner)
            return new TrainingModels(null, Detector: store.FindCurrent(ModelKind.Detector), Landmarks: store.Find(aligner.Landmarks));
        var aligned = (AlignedFaceExperiment)experiment;
        InstalledModel? from = experiment is EnhancerExperiment { From: { } id }
            ? id == EnhancerExperiment.FromCurrent ? store.FindCurrent(ModelKind.Enhancer) : store.Find(id)
            : null;
        return new TrainingModels(store.Find(aligned.Recogniser), from);
    }
}
