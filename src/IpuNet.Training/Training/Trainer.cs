using System.Diagnostics;
using System.Text;
using IpuNet.Contract;
using IpuNet.Faces.Files;
using IpuNet.Faces.Networks;
using IpuNet.Training.Data;
using IpuNet.Training.Experiments;
using IpuNet.Training.Losses;
using IpuNet.Training.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace IpuNet.Training.Training;

/// <summary>
/// Trains the network of an experiment. The folder of a training holds checkpoint.safetensors, best.safetensors (by validation), the
/// experiment with all defaults, TensorBoard files, and a picture for each validation of an enhancer. If the folder has a checkpoint, the
/// training resumes from it and takes the same steps as if it had never stopped.
/// </summary>
public sealed class Trainer : IDisposable
{
    /// <summary>The file that a training resumes from.</summary>
    public const string CheckpointFile = "checkpoint.safetensors";

    /// <summary>The checkpoint with the best validation.</summary>
    public const string BestFile = "best.safetensors";

    private const int SpeedWindow = 20;

    private readonly Experiment _experiment;
    private readonly string _folder;
    private readonly ITrainingTask _task;
    private readonly TrainingState _state;

    /// <summary>Prepares the run of an experiment with aligned faces and a frozen recogniser, or the rest of one.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="folder">The folder of the training. It is created if it is missing.</param>
    /// <param name="faces">The training faces.</param>
    /// <param name="split">The people for validation. Without people there is no validation.</param>
    /// <param name="recogniser">The frozen recogniser. The caller disposes of it.</param>
    /// <param name="recogniserHash">SHA-256 of the recogniser's model file. It names the cache of embeddings.</param>
    /// <param name="start">Makes the weights that a new training starts from; null for random ones.</param>
    /// <param name="progress">Gets the number of embedded faces.</param>
    /// <param name="cancellation">Stops the preparation.</param>
    /// <exception cref="FaceDataException">The folder has a checkpoint of another network, or a damaged one.</exception>
    public Trainer(
        Experiment experiment, string folder, AlignedFaces faces, FaceSplit split, FrozenRecogniser recogniser, string recogniserHash,
        Func<WeightSet>? start = null, IProgress<int>? progress = null, CancellationToken cancellation = default)
        : this(experiment, folder, TaskOf(experiment, folder, faces, split, recogniser, recogniserHash, progress, cancellation), start)
    {
    }

    /// <summary>Prepares the run of any task, or the rest of one.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="folder">The folder of the training. It is created if it is missing.</param>
    /// <param name="task">The task. The trainer disposes of it.</param>
    /// <param name="start">Makes the weights that a new training starts from; null for random ones.</param>
    /// <exception cref="FaceDataException">The folder has a checkpoint of another network, or a damaged one.</exception>
    internal Trainer(Experiment experiment, string folder, ITrainingTask task, Func<WeightSet>? start)
    {
        (_experiment, _folder, _task) = (experiment, folder, task);
        NativeHeap.KeepFreedMemory();
        PrivateFolder.Create(folder);
        bool isResumed = File.Exists(Checkpoint);
        _state = new TrainingState(experiment, _task, isResumed ? null : start?.Invoke());
        if (isResumed)
            _state.Restore(Checkpoint);
        AtomicFile.Write(Path.Combine(folder, "experiment.json"), Encoding.UTF8.GetBytes(experiment.ToJson()), durable: false);
    }

    /// <summary>Number of steps that are done.</summary>
    public int Step => _state.Step;

    private string Checkpoint => Path.Combine(_folder, CheckpointFile);

    /// <summary>Trains to the end, or until it is cancelled. In both cases the last step is saved.</summary>
    /// <param name="progress">Gets a report of each step.</param>
    /// <param name="validated">Gets the result of each validation.</param>
    /// <param name="saved">
    /// Gets the path of each checkpoint when it is written, so that the training can resume elsewhere. The training waits for it.
    /// </param>
    /// <param name="cancellation">Stops the training after the current step.</param>
    /// <returns>The last validation; null if there was none.</returns>
    /// <exception cref="TrainingDivergedException">The loss is infinite or not a number. The last checkpoint stays as it is.</exception>
    /// <exception cref="OperationCanceledException">The training was stopped. Its checkpoint is saved.</exception>
    public async Task<ValidationResult?> RunAsync(
        IProgress<TrainingProgress>? progress = null, IProgress<ValidationResult>? validated = null, Func<string, Task>? saved = null,
        CancellationToken cancellation = default)
    {
        var schedule = _experiment.Schedule;
        var log = torch.utils.tensorboard.SummaryWriter(Path.Combine(_folder, "tensorboard"), createRunName: false);
        ValidationResult? last = null;
        string bestFile = Path.Combine(_folder, BestFile);
        // A resumed training keeps the best checkpoint that it has. A new training ignores the best checkpoint of an earlier one.
        double best = _state.Step > 0 ? TrainedNetwork.ScoreOf(bestFile) : 0;
        var times = new Queue<(double At, double Waited)>();
        double waited = 0;
        long waitingSince = Stopwatch.GetTimestamp();
        try
        {
            await foreach (StepLoss batch in BatchesAhead.Make(_task.Draw, _state.Step, schedule.Steps, cancellation))
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
                    last = validator.Run(
                        _state.AveragedWeights(), _state.Step, Path.Combine(_folder, $"pictures-{_state.Step:000000}.png"));
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

    /// <summary>The moving average of the weights, which is exported.</summary>
    public WeightSet AveragedWeights() => _state.AveragedWeights();

    /// <summary>
    /// Finds the checkpoint that becomes the model: the best one, or the last one if there was no validation.
    /// </summary>
    /// <returns>The path; null if the folder has no checkpoint.</returns>
    public static string? FindResult(string folder) =>
        new[] { BestFile, CheckpointFile }.Select(file => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    /// <inheritdoc/>
    public void Dispose()
    {
        _state.Dispose();
        _task.Dispose();
    }

    /// <summary>The folder of the cache files of a training. Trainings beside it share them.</summary>
    internal static string CacheOf(string folder) => Path.Combine(folder, "..", ".cache");

    private static ITrainingTask TaskOf(
        Experiment experiment, string folder, AlignedFaces faces, FaceSplit split, FrozenRecogniser recogniser, string recogniserHash,
        IProgress<int>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(split);
        var ofFaces = experiment as AlignedFaceExperiment ?? throw new ArgumentException(
            $"A training on aligned faces cannot run experiments of the type {experiment?.GetType().Name}.", nameof(experiment));
        NativeHeap.KeepFreedMemory();
        PrivateFolder.Create(folder);
        float[][] embeddings = RecogniserEmbeddings.Cached(CacheOf(folder), recogniserHash, recogniser, faces, progress, cancellation);
        var targets = new IdentityTargets(embeddings, faces.Faces, ofFaces.PersonShare);
        ValidationFaces? people = split.Validation.Count > 0 && ofFaces.Validation.Every > 0 ? new ValidationFaces(
            ofFaces.Validation, split, recogniser) : null;
        var batches = new BatchSource(faces, ofFaces.Data, ofFaces.Degradation, ofFaces.Schedule.Batch, ofFaces.Seed);
        return ofFaces switch
        {
            EnhancerExperiment enhancer => new EnhancerTask(enhancer, batches, recogniser, targets, people),
            RecogniserExperiment student => new DistillationTask(student, batches, targets, people),
            _ => throw new ArgumentException(
                $"There is no training for experiments of the type {experiment.GetType().Name}.", nameof(experiment)),
        };
    }

    private List<(string Name, double Value)> TakeStep(StepLoss batch)
    {
        using var scope = NewDisposeScope();
        manual_seed(unchecked((long)_experiment.Seed << 32) + _state.Step);
        var terms = batch(_state.Weights);
        Tensor sum = terms.Select(t => t.Value).Aggregate((a, b) => a + b);
        List<(string Name, double Value)> losses = [
            .. terms.Select(t => (t.Name, (double)t.Value.item<float>())), ("loss", sum.item<float>())];
        if (!losses.TrueForAll(l => double.IsFinite(l.Value)))
        {
            throw new TrainingDivergedException(
                $"Step {_state.Step + 1}: the loss is not a number ({string.Join(", ", losses.Select(l => $"{l.Name} {l.Value}"))}). "
                + $"{Checkpoint} is from an earlier step. Lower schedule.learningRate, or the weight of the term that grew, and restart.");
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
            foreach (ValidationMeasure measure in row.Measures.Where(measure => measure.Curve is not null))
                log.add_scalar($"{measure.Curve}/{row.Size}", (float)measure.Value, result.Step);
        }
    }
}

/// <summary>Trains a FaceNet, the student, to make the embeddings that a frozen recogniser makes of the original faces.</summary>
internal sealed class DistillationTask : ITrainingTask
{
    // A batch norm follows every layer, except those at the end of a residual branch. Behind a batch norm only the direction of a kernel
    // counts, not its length. Adam would turn kernels as small as those of the U-Net too fast.
    private const float KernelDeviation = 0.1f;

    private readonly RecogniserExperiment _experiment;
    private readonly IdentityLoss _loss;
    private readonly BatchSource _batches;
    private readonly IdentityTargets _targets;

    public DistillationTask(RecogniserExperiment experiment, BatchSource batches, IdentityTargets targets, ValidationFaces? people)
    {
        if (experiment.Student.Dimensions != targets.Dimensions)
        {
            throw new FaceDataException(
                $"Experiment '{experiment.Name}': student.dimensions is {experiment.Student.Dimensions}, but the embeddings of "
                + $"{experiment.Recogniser} have {targets.Dimensions} dimensions. Set it to {targets.Dimensions}, or name another "
                + "recogniser.");
        }
        (_experiment, _batches, _targets) = (experiment, batches, targets);
        _loss = new IdentityLoss(experiment.Losses, targets);
        Network = experiment.CreateNetwork();
        Validator = people is null ? null : new StudentValidator(Network, people);
    }

    public INetwork Network { get; }

    public IReadOnlyDictionary<string, Parameter> Aids { get; } = new Dictionary<string, Parameter>();

    public IValidator? Validator { get; }

    public WeightSet RandomWeights() => WeightDeclarations.Randomise(Network, _experiment.Seed, KernelDeviation);

    public StepLoss Draw(int step)
    {
        TrainingBatch batch = _batches.Make(step);
        return weights => Loss(weights, batch);
    }

    public void Dispose() => _targets.Dispose();

    private IReadOnlyList<(string Name, Tensor Value)> Loss(TorchWeights weights, TrainingBatch batch)
    {
        var operations = new TorchOperations(weights, training: true);
        Tensor faces = operations.ResizeBilinear(
            FaceTensors.FromBytes(batch.Inputs, batch.Indices.Length), Network.Input.Height, Network.Input.Width);
        return [.. _loss.Terms(Network.Forward(operations, faces)[0].flatten(1), batch.Indices)];
    }
}

/// <summary>Validates a student: it compares low-resolution probes with original gallery images. The student embeds both.</summary>
internal sealed class StudentValidator(INetwork network, ValidationFaces people) : IValidator
{
    public ValidationResult Run(WeightSet averaged, int step, string pictures)
    {
        using var student = new FrozenRecogniser(network, averaged);
        float[][] gallery = RecogniserEmbeddings.Embed(student, people.Gallery);
        return ValidationResult.ByAccuracy(
            step, [
                .. people.Options.Sizes.Select(
                    size => people.Row(size, RecogniserEmbeddings.Embed(student, people.Inputs(size)), gallery, psnr: null))]);
    }
}
