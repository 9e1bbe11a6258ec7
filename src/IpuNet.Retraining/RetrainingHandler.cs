using IpuNet.Contract;
using IpuNet.Faces.Files;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Retraining.Judgement;
using IpuNet.Retraining.Preparation;
using IpuNet.Service.Galleries;
using IpuNet.Service.Registry;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;
using IpuNet.Training.Data;
using IpuNet.Training.Experiments;
using IpuNet.Training.Import;
using IpuNet.Training.Runs;
using IpuNet.Training.Training;

namespace IpuNet.Retraining;

/// <summary>Works on one retraining job, from its images to its answer. Each stage saves its outcome for the next attempt.</summary>
internal sealed class RetrainingHandler(
    StorageAccount account, ModelStore store, RetrainingSettings settings, IProgress<WorkReport> reports, RetrainingJob job,
    TrainingLease lease)
{
    private const string DefaultName = "ipunet", Runs = "runs";

    // Time for storage to take the last checkpoint of a stopped training.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    private readonly ModelRegistry _registry = new(account, TimeProvider.System);
    private readonly RetrainingPages _pages = new(account, TimeProvider.System);

    private string Folder => Path.Combine(settings.Folder, Runs, job.Id);

    /// <summary>Works on the job.</summary>
    /// <returns>The answer. The caller writes it.</returns>
    public async Task<RetrainingAnswer> RunAsync(CancellationToken cancellation)
    {
        var answer = new RetrainingAnswer
        {
            JobId = job.Id,
            Experiment = job.Experiment,
            Status = RetrainingStatus.Refused,
            SentAt = job.SentAt,
            FinishedOn = DateTimeOffset.UtcNow,
        };
        try
        {
            EnhancerExperiment experiment = Load();
            StoredTraining training = await StoredTraining.OpenAsync(account, job.Id, stop => StartAsync(experiment, stop), cancellation);
            ModelsInUse inUse = await ModelsInUse.BeforeAsync(training.State, _registry, store, cancellation);
            answer = answer with { From = training.State.From, StartedOn = training.State.StartedOn };
            RetrainingSet set = await RetrainingSet.PrepareAsync(account, store, settings, training.State.StartedOn, reports, cancellation);
            answer = answer with { Data = set.Data };
            if (settings.Minimum.FaultOf(set.Split) is { } fault)
                return Finish(answer with { Reason = fault });

            InstalledModel? from = training.State.From is { } id ? await ModelsInUse.FindAsync(_registry, store, id, cancellation) : null;
            experiment = experiment with
            {
                Recogniser = inUse.Recogniser.Id,
                From = training.State.From,
                Network = from is null ? experiment.Network : experiment.Network with { Width = UNet.WidthOf(OnnxWeights.Read(from)) },
                Data = experiment.Data with { Sets = [new ImageSet { Folder = StorageNames.Training, Identities = true }] },
            };
            int steps = await TrainAsync(training, experiment, inUse.Recogniser, from, set.Split.Training, cancellation);
            answer = answer with { Steps = steps };
            using var judged = await CandidateJudge.RunAsync(
                inUse, TrainedNetwork.Read(Trainer.FindResult(Folder)!), training.State, set, settings, reports, cancellation);
            answer = await PromoteAsync(judged, training.State, judged.Complete(answer), cancellation);
            await lease.RequireAsync(cancellation);
            await _pages.WriteAsync(job.Id, await judged.PageAsync(answer, _pages, cancellation), cancellation);
            return Finish(answer);
        }
        catch (FaceDataException error)
        {
            return Finish(answer with { Status = RetrainingStatus.Refused, Reason = error.Message });
        }
        catch (TrainingDivergedException error)
        {
            return Finish(answer with { Status = RetrainingStatus.Failed, Reason = error.Message });
        }
    }

    private static RetrainingAnswer Finish(RetrainingAnswer answer) => answer with { FinishedOn = DateTimeOffset.UtcNow };

    private EnhancerExperiment Load() => Experiment.Open(
        Path.Combine(store.Root, "experiments", $"{job.Experiment}.json"), settings.Steps, store) is EnhancerExperiment experiment
        ? experiment
        : throw new FaceDataException(
            $"Experiment '{job.Experiment}' trains a recogniser. A retraining job trains enhancers only, because a new recogniser would "
            + "need a re-embedding of all galleries. Name an experiment for an enhancer.");

    private async Task<RetrainingState> StartAsync(EnhancerExperiment experiment, CancellationToken cancellation)
    {
        CurrentModels current = await _registry.CurrentAsync(cancellation) ?? new();
        string? enhancer = current.Enhancer ?? store.Current.Enhancer;
        string name = enhancer is null ? DefaultName : ModelId.NameOf(enhancer);
        // Workers also have the versions of their folder.
        int version = Math.Max(await _registry.NextVersionAsync(name, cancellation), store.NextVersion(name));
        return new RetrainingState
        {
            JobId = job.Id,
            Experiment = job.Experiment,
            StartedOn = DateTimeOffset.UtcNow,
            From = experiment.From == EnhancerExperiment.FromCurrent ? enhancer : experiment.From,
            BaseRevision = current.Change?.Revision ?? 0,
            Candidate = $"{name}@{version}",
        };
    }

    private async Task<int> TrainAsync(
        StoredTraining training, EnhancerExperiment experiment, InstalledModel recogniser, InstalledModel? from,
        IReadOnlyList<TrainingFace> faces, CancellationToken cancellation)
    {
        PrivateFolder.Open(Path.Combine(settings.Folder, Runs));
        foreach (string file in (string[])[StoredTraining.CheckpointFile, StoredTraining.BestFile])
        {
            string path = Path.Combine(Folder, file);
            if (!File.Exists(path) && await training.TryLoadCheckpointAsync(path, cancellation))
                reports.Note($"Resuming the training from {file} in storage.");
        }

        var runner = new TrainingRunner(experiment, new TrainingModels(recogniser, from), Folder, reports);
        // A stopped training still saves its checkpoint.
        using var patience = new CancellationTokenSource();
        await using CancellationTokenRegistration stopping = cancellation.Register(() => patience.CancelAfter(StopPatience));
        await runner.RunAsync(faces, path => SaveAsync(training, path, patience.Token), cancellation);
        return runner.Step;
    }

    private async Task SaveAsync(StoredTraining training, string path, CancellationToken cancellation)
    {
        await lease.RequireAsync(cancellation);
        await training.SaveCheckpointAsync(path, cancellation);
    }

    private async Task<RetrainingAnswer> PromoteAsync(
        CandidateJudge judged, RetrainingState state, RetrainingAnswer answer, CancellationToken cancellation)
    {
        if (answer.Status != RetrainingStatus.Promoted)
            return answer;
        await lease.RequireAsync(cancellation);
        await _registry.PublishAsync(judged.Manifest, judged.Model, cancellation);
        // A job that was killed after its promotion is done, even if other models have been promoted since then.
        if ((await _registry.HistoryAsync(cancellation)).Any(models => models.Enhancer == state.Candidate))
            return answer;
        try
        {
            await _registry.PromoteAsync(
                [state.Candidate], new ModelChangeRequest($"retraining {job.Id}", answer.Reason, state.BaseRevision), cancellation);
            return answer;
        }
        catch (FaceDataException changed)
        {
            return answer with
            {
                Status = RetrainingStatus.Kept,
                Reason =
                    $"{state.Candidate} is published but not promoted: {changed.Message} It was compared with the models of revision "
                    + $"{state.BaseRevision}. {answer.Reason}",
            };
        }
    }

    /// <summary>Removes the files of the job, on this machine and in storage. Call it after the answer is written.</summary>
    public async Task EndAsync(CancellationToken cancellation)
    {
        await StoredTraining.DiscardAsync(account, job.Id, cancellation);
        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
    }
}
