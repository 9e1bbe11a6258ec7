using System.Globalization;
using IpuNet.Faces;
using IpuNet.Faces.Networks;
using IpuNet.Training.Checkpoints;
using IpuNet.Training.Experiments;

namespace IpuNet.Training.Training;

/// <summary>What a training run has made: the U-Net, its averaged weights, and how they came about.</summary>
/// <param name="Network">The network.</param>
/// <param name="Weights">The moving average of its weights, batch norm's running statistics included.</param>
/// <param name="Experiment">The experiment.</param>
/// <param name="Step">Steps done.</param>
public sealed record TrainedUNet(UNet Network, WeightSet Weights, Experiment Experiment, int Step)
{
    internal const string AveragePrefix = "average.";
    internal const string StepKey = "step";
    internal const string ExperimentKey = "experiment";

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="FaceDataException">The file is damaged, or no checkpoint of a training run.</exception>
    public static TrainedUNet Read(string checkpoint)
    {
        var (metadata, tensors) = SafeTensors.Read(checkpoint);
        if (!metadata.TryGetValue(ExperimentKey, out string? json) || !metadata.TryGetValue(StepKey, out string? step))
            throw new FaceDataException($"{checkpoint}: is no checkpoint of a training run: it does not say of which experiment. Give one that `ipunet train` wrote.");
        Experiment experiment = Experiment.Parse(json, checkpoint);
        var network = new UNet(experiment.Network);
        var weights = new WeightSet();
        foreach (var declaration in WeightDeclarations.Of(network))
        {
            if (!tensors.TryGetValue(AveragePrefix + declaration.Name, out var saved) || !saved.Shape.SequenceEqual(declaration.Shape.Select(n => (long)n)))
                throw new FaceDataException($"{checkpoint}: its experiment does not fit its weights: '{declaration.Name}' is missing or of another shape. Train it again.");
            weights[declaration.Name] = WeightTensor.FromFloats([.. declaration.Shape], saved.Values);
        }
        return new TrainedUNet(network, weights, experiment, int.Parse(step, CultureInfo.InvariantCulture));
    }
}
