using System.Globalization;
using IpuNet.Contract;
using IpuNet.Faces.Networks;
using IpuNet.Training.Checkpoints;
using IpuNet.Training.Experiments;
using IpuNet.Training.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace IpuNet.Training.Training;

/// <summary>
/// The changing state of a training: the weights, their moving average, the moments of the optimiser, and the step. A checkpoint holds it
/// on disk.
/// </summary>
internal sealed class TrainingState : IDisposable
{
    private readonly Experiment _experiment;
    private readonly ITrainingTask _task;
    private readonly AdamOptimiser _optimiser;

    /// <param name="experiment">The experiment.</param>
    /// <param name="task">The task to train.</param>
    /// <param name="start">The first weights; null for random ones.</param>
    public TrainingState(Experiment experiment, ITrainingTask task, WeightSet? start)
    {
        _experiment = experiment;
        _task = task;
        Weights = TorchWeights.Load(task.Network, start ?? task.RandomWeights(), trainable: true);
        Average = Weights.Tensors.ToDictionary(t => t.Key, t => t.Value.detach().clone().DetachFromDisposeScope(), StringComparer.Ordinal);
        _optimiser = new AdamOptimiser(
            [.. Weights.Parameters, .. task.Aids.Values], experiment.Schedule.Beta1, experiment.Schedule.WeightDecay);
    }

    public TorchWeights Weights { get; }

    /// <summary>The moving average of the weights and of the running statistics.</summary>
    public IReadOnlyDictionary<string, Tensor> Average { get; }

    /// <summary>Number of steps that are done.</summary>
    public int Step { get; private set; }

    /// <summary>Finishes a step: changes the weights by their gradients, and updates the moving average.</summary>
    public void Update()
    {
        _optimiser.Step(Step, _experiment.Schedule.RateAt(Step));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        // In the first steps the decay is lower. Otherwise the average would hold on to the random start for too long.
        double decay = Math.Min(_experiment.Schedule.EmaDecay, (1.0 + Step) / (10.0 + Step));
        foreach (var (name, average) in Average)
            average.mul_(RootedScalar.Of(decay)).add_(Weights.Tensors[name], RootedScalar.Of(1 - decay));
        Step++;
    }

    /// <summary>A copy of the moving average, which is validated and exported.</summary>
    public WeightSet AveragedWeights()
    {
        var weights = new WeightSet();
        foreach (var (name, average) in Average)
            weights[name] = WeightTensor.FromFloats([.. average.shape.Select(n => (int)n)], TensorBytes.ReadFloats(average));
        return weights;
    }

    /// <summary>Writes a checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <param name="score">The score of the validation at this step; null if there was none.</param>
    public void Save(string path, double? score = null)
    {
        var metadata = new Dictionary<string, string>
        {
            [TrainedNetwork.StepKey] = Step.ToString(CultureInfo.InvariantCulture),
            [TrainedNetwork.ExperimentKey] = _experiment.ToJson(),
        };
        if (score is { } found)
            metadata[TrainedNetwork.ScoreKey] = found.ToString(CultureInfo.InvariantCulture);
        SafeTensors.Write(path, metadata, [.. Named().Select(t => (t.Name, t.Value.shape, TensorBytes.ReadFloats(t.Value)))]);
    }

    /// <summary>Reads the state from a checkpoint.</summary>
    /// <exception cref="FaceDataException">The checkpoint is damaged, or of another network.</exception>
    public void Restore(string path)
    {
        var (metadata, tensors) = SafeTensors.Read(path);
        foreach (var (name, value) in Named())
        {
            if (!tensors.TryGetValue(name, out var saved) || !saved.Shape.SequenceEqual(value.shape))
            {
                throw new FaceDataException(
                    $"{path}: the checkpoint is of another network: '{name}' is "
                    + $"{(saved.Shape is null ? "missing" : $"[{string.Join(", ", saved.Shape)}]")}, "
                    + $"but the experiment '{_experiment.Name}' needs [{string.Join(", ", value.shape)}]. Name another --out folder, or "
                    + "the experiment of the checkpoint.");
            }
        }
        if (!metadata.TryGetValue(TrainedNetwork.StepKey, out string? step) || !int.TryParse(step, out int done))
            throw new FaceDataException($"{path}: the checkpoint has no step. Name another --out folder.");
        foreach (var (name, value) in Named())
            TensorBytes.WriteFloats(value, tensors[name].Values);
        Step = done;
    }

    public void Dispose()
    {
        Weights.Dispose();
        _optimiser.Dispose();
        foreach (var average in Average.Values)
            average.Dispose();
    }

    private IEnumerable<(string Name, Tensor Value)> Named()
    {
        foreach (var (name, value) in Weights.Tensors)
            yield return ($"weights.{name}", value);
        foreach (var (name, value) in _task.Aids)
            yield return ($"weights.{name}", value);
        foreach (var (name, value) in Average)
            yield return (TrainedNetwork.AveragePrefix + name, value);
        for (int i = 0; i < _optimiser.First.Count; i++)
        {
            yield return ($"adam.first.{i}", _optimiser.First[i]);
            yield return ($"adam.second.{i}", _optimiser.Second[i]);
        }
    }
}

/// <summary>
/// The optimiser Adam (Kingma and Ba 2015). Its two moments can be read and written, so that a checkpoint holds them and a resumed training
/// takes the same steps. The Adam of TorchSharp does not give them out by name.
/// With a weight decay it is AdamW (Loshchilov and Hutter 2019).
/// </summary>
internal sealed class AdamOptimiser : IDisposable
{
    private const double Epsilon = 1e-8;
    private const double Beta2 = 0.999;

    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly double _beta1;
    private readonly double _decay;

    public AdamOptimiser(IReadOnlyList<Parameter> parameters, double beta1, double weightDecay = 0)
    {
        (_parameters, _beta1, _decay) = (parameters, beta1, weightDecay);
        First = [.. parameters.Select(p => zeros_like(p).DetachFromDisposeScope())];
        Second = [.. parameters.Select(p => zeros_like(p).DetachFromDisposeScope())];
    }

    /// <summary>First moments, in the order of the parameters.</summary>
    public IReadOnlyList<Tensor> First { get; }

    /// <summary>Second moments, in the order of the parameters.</summary>
    public IReadOnlyList<Tensor> Second { get; }

    /// <summary>Changes the parameters by their gradients, and sets the gradients to 0.</summary>
    /// <param name="step">The step, counted from 0.</param>
    /// <param name="rate">The learning rate.</param>
    public void Step(int step, double rate)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        double correction1 = 1 - Math.Pow(_beta1, step + 1), correction2 = 1 - Math.Pow(Beta2, step + 1);
        for (int i = 0; i < _parameters.Count; i++)
        {
            if (_parameters[i].grad is not { } gradient)
                continue;
            if (_decay > 0)
                _parameters[i].mul_(RootedScalar.Of(1 - rate * _decay));
            First[i].mul_(RootedScalar.Of(_beta1)).add_(gradient, RootedScalar.Of(1 - _beta1));
            Second[i].mul_(RootedScalar.Of(Beta2)).addcmul_(gradient, gradient, RootedScalar.Of(1 - Beta2));
            Tensor divisor = Second[i].div(RootedScalar.Of(correction2)).sqrt_().add_(RootedScalar.Of(Epsilon));
            _parameters[i].addcdiv_(First[i], divisor, RootedScalar.Of(-rate / correction1));
            gradient.zero_();
        }
    }

    public void Dispose()
    {
        foreach (var moment in First.Concat(Second))
            moment.Dispose();
    }
}
