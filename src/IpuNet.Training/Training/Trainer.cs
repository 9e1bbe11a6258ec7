using System.Diagnostics;
using System.Text;
using IpuNet.Faces;
using IpuNet.Faces.Files;
using IpuNet.Faces.Networks;
using IpuNet.Training.Data;
using IpuNet.Training.Experiments;
using IpuNet.Training.Losses;
using IpuNet.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace IpuNet.Training.Training;

/// <summary>
/// Trains the network of an experiment. The folder of a run holds checkpoint.safetensors, best.safetensors (by validation),
/// the experiment as it was run, TensorBoard files and a picture grid for each validation. A run that finds a checkpoint in
/// its folder goes on from it, and takes the same steps as if it had never stopped.
/// </summary>
public sealed class Trainer : IDisposable
{
    /// <summary>The file that a run goes on from.</summary>
    public const string CheckpointFile = "checkpoint.safetensors";

    /// <summary>The checkpoint that was best in validation.</summary>
    public const string BestFile = "best.safetensors";

    private const int SpeedWindow = 20;

    private readonly Experiment _experiment;
    private readonly string _folder;
    private readonly AlignedFaces _faces;
    private readonly IdentityTargets _targets;
    private readonly ITrainingTask _task;
    private readonly TrainingState _state;

    /// <summary>Prepares a run, or the rest of one.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="folder">The run's folder; made where it is missing.</param>
    /// <param name="faces">The training faces.</param>
    /// <param name="split">Who is kept for validation; no validation where nobody is.</param>
    /// <param name="recogniser">The frozen recogniser; stays the caller's.</param>
    /// <param name="recogniserHash">Says which recogniser it is, for the cache of embeddings.</param>
    /// <param name="start">Makes the weights that a new run starts from; null for random ones.</param>
    /// <param name="progress">Is told how many faces are embedded.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="FaceDataException">The folder has a checkpoint of another network.</exception>
    public Trainer(
        Experiment experiment, string folder, AlignedFaces faces, FaceSplit split, FrozenRecogniser recogniser, string recogniserHash,
        Func<WeightSet>? start = null, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        ArgumentNullException.ThrowIfNull(split);
        (_experiment, _folder, _faces) = (experiment, folder, faces);
        NativeHeap.KeepFreedMemory();
        PrivateFolder.Create(folder);
        float[][] embeddings = RecogniserEmbeddings.Cached(Path.Combine(folder, "..", ".cache"), recogniserHash, recogniser, faces, progress, cancellation);
        _targets = new IdentityTargets(embeddings, faces.Faces, experiment.PersonShare);
        ValidationFaces? people = split.Validation.Count > 0 && experiment.Validation.Every > 0 ? new ValidationFaces(experiment.Validation, split, recogniser) : null;
        _task = experiment switch
        {
            EnhancerExperiment enhancer => new EnhancerTask(enhancer, recogniser, _targets, people),
            RecogniserExperiment student => new DistillationTask(student, _targets, people),
            _ => throw new ArgumentException($"Nothing is known of experiments of the type {experiment.GetType().Name}.", nameof(experiment)),
        };
        bool isResumed = File.Exists(Checkpoint);
        _state = new TrainingState(experiment, _task, isResumed ? null : start?.Invoke());
        if (isResumed)
            _state.Restore(Checkpoint);
        WholeFile.Write(Path.Combine(folder, "experiment.json"), Encoding.UTF8.GetBytes(experiment.ToJson()), durable: false);
    }

    /// <summary>How many steps are done.</summary>
    public int Step => _state.Step;

    private string Checkpoint => Path.Combine(_folder, CheckpointFile);

    /// <summary>Trains to the end, or until cancelled; either way the last step is saved.</summary>
    /// <param name="progress">Is told of every step.</param>
    /// <param name="validated">Is told of every validation.</param>
    /// <param name="saved">Is given each file of the run's folder that was written anew, and waited for: so that a run can go on elsewhere.</param>
    /// <param name="cancellation">Stops after the step in hand.</param>
    /// <returns>The last validation; null where there is none.</returns>
    /// <exception cref="TrainingDivergedException">The loss is no number any more; the checkpoint before it is kept.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped; its checkpoint is saved.</exception>
    public async Task<ValidationResult?> RunAsync(
        IProgress<TrainingProgress>? progress = null, IProgress<ValidationResult>? validated = null, Func<string, Task>? saved = null,
        CancellationToken cancellation = default)
    {
        var schedule = _experiment.Schedule;
        var log = torch.utils.tensorboard.SummaryWriter(Path.Combine(_folder, "tensorboard"), createRunName: false);
        var source = new BatchSource(_faces, _experiment.Data, _experiment.Degradation, schedule.Batch, _experiment.Seed);
        ValidationResult? last = null;
        string bestFile = Path.Combine(_folder, BestFile);
        // A run that goes on has a best already; one that begins in a folder of another does not.
        double best = _state.Step > 0 ? TrainedNetwork.ScoreOf(bestFile) : 0;
        var times = new Queue<(double At, double Waited)>();
        double waited = 0;
        long waitingSince = Stopwatch.GetTimestamp();
        try
        {
            await foreach (TrainingBatch batch in source.From(_state.Step, schedule.Steps, cancellation))
            {
                waited += Stopwatch.GetElapsedTime(waitingSince).TotalSeconds;
                var losses = TakeStep(batch);
                foreach (var (name, value) in losses)
                    log.add_scalar($"loss/{name}", (float)value, _state.Step);
                times.Enqueue((Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency, waited));
                if (times.Count > SpeedWindow)
                    times.Dequeue();
                progress?.Report(Measure(times, losses));

                bool finished = _state.Step == schedule.Steps;
                if (_task.Validator is { } validator && (finished || _state.Step % _experiment.Validation.Every == 0))
                {
                    last = validator.Run(_state.AveragedWeights(), _state.Step, Path.Combine(_folder, $"pictures-{_state.Step:000000}.png"));
                    Log(log, last);
                    validated?.Report(last);
                    if (last.Score > best)
                    {
                        best = last.Score;
                        await SaveAsync(BestFile, best);
                    }
                    times.Clear();
                }
                if (finished || _state.Step % schedule.CheckpointEvery == 0)
                    await SaveAsync(CheckpointFile);
                waitingSince = Stopwatch.GetTimestamp();
            }
        }
        catch (OperationCanceledException)
        {
            await SaveAsync(CheckpointFile);
            throw;
        }
        return last;

        Task SaveAsync(string file, double? score = null)
        {
            string path = Path.Combine(_folder, file);
            _state.Save(path, score);
            return saved?.Invoke(path) ?? Task.CompletedTask;
        }
    }

    /// <summary>The averaged weights, which are what is exported.</summary>
    public WeightSet AveragedWeights() => _state.AveragedWeights();

    /// <summary>The file of a run's folder that its model is made of: the best checkpoint, or the last where nothing was validated.</summary>
    /// <returns>Null where there is neither.</returns>
    public static string? FindResult(string folder) => new[] { BestFile, CheckpointFile }.Select(file => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    /// <inheritdoc/>
    public void Dispose()
    {
        _state.Dispose();
        _task.Dispose();
        _targets.Dispose();
    }

    private List<(string Name, double Value)> TakeStep(TrainingBatch batch)
    {
        using var scope = NewDisposeScope();
        manual_seed(unchecked((long)_experiment.Seed << 32) + batch.Step);
        var terms = _task.Loss(_state.Weights, batch);
        Tensor sum = terms.Select(t => t.Value).Aggregate((a, b) => a + b);
        List<(string Name, double Value)> losses = [.. terms.Select(t => (t.Name, (double)t.Value.item<float>())), ("loss", sum.item<float>())];
        if (!losses.TrueForAll(l => double.IsFinite(l.Value)))
        {
            throw new TrainingDivergedException(
                $"Step {batch.Step + 1}: the loss is no number any more ({string.Join(", ", losses.Select(l => $"{l.Name} {l.Value}"))}). "
                + $"{Checkpoint} is from before; lower schedule.learningRate, or the weight of the term that grew, and start again.");
        }
        sum.backward();
        _state.Update();
        return losses;
    }

    private TrainingProgress Measure(Queue<(double At, double Waited)> times, IReadOnlyList<(string Name, double Value)> losses)
    {
        var (first, last) = (times.Peek(), times.Last());
        double seconds = last.At - first.At;
        double speed = seconds > 0 ? (times.Count - 1) * _experiment.Schedule.Batch / seconds : 0;
        int left = _experiment.Schedule.Steps - _state.Step;
        return new TrainingProgress(
            _state.Step, _experiment.Schedule.Steps, speed,
            speed > 0 ? TimeSpan.FromSeconds(left * (double)_experiment.Schedule.Batch / speed) : TimeSpan.Zero,
            losses, seconds > 0 ? (last.Waited - first.Waited) / seconds : 0);
    }

    private static void Log(TorchSharp.Modules.SummaryWriter log, ValidationResult result)
    {
        foreach (var row in result.Rows)
        {
            log.add_scalar($"accuracy/{row.Size}", (float)row.Accuracy, result.Step);
            if (row.Psnr is { } psnr)
                log.add_scalar($"psnr/{row.Size}", (float)psnr, result.Step);
            log.add_scalar($"cosine/{row.Size}", (float)row.Cosine, result.Step);
        }
    }
}
