using System.Globalization;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Training.Checkpoints;
using IpuNet.Training.Experiments;
using IpuNet.Training.Export;

namespace IpuNet.Training.Training;

/// <summary>The outcome of a training: a network, its averaged weights, and their origin.</summary>
/// <param name="Network">The network.</param>
/// <param name="Weights">The moving average of the weights and of the running statistics of the batch norms.</param>
/// <param name="Experiment">The experiment.</param>
/// <param name="Step">Number of steps that are done.</param>
public sealed record TrainedNetwork(INetwork Network, WeightSet Weights, Experiment Experiment, int Step)
{
    internal const string AveragePrefix = "average.";
    internal const string StepKey = "step";
    internal const string ExperimentKey = "experiment";
    internal const string ScoreKey = "score";

    /// <summary>The kind of the model.</summary>
    public ModelKind Kind => Experiment switch
    {
        RecogniserExperiment => ModelKind.Recogniser,
        AlignerExperiment => ModelKind.Aligner,
        _ => ModelKind.Enhancer,
    };

    /// <summary>Writes the network and its weights as an ONNX model.</summary>
    /// <param name="storage">How float weights are stored.</param>
    /// <returns>The content of the model file.</returns>
    public byte[] ToOnnx(WeightStorage storage) => Kind switch
    {
        ModelKind.Recogniser => OnnxExporter.ExportRecogniser(Network, Weights, storage),
        ModelKind.Aligner => OnnxExporter.Export(Network, Weights, [TensorNames.Alignment], storage),
        _ => OnnxExporter.ExportEnhancer(Network, Weights, storage),
    };

    /// <summary>The manifest of the model.</summary>
    /// <param name="name">The name of the model.</param>
    /// <param name="version">The version of the model.</param>
    public ModelManifest ToManifest(string name, int version) => new()
    {
        Name = name,
        Version = version,
        Kind = Kind,
        Architecture = Network.Architecture,
        Input = Kind == ModelKind.Aligner
            ? new ModelInput(Network.Input.Width, Network.Input.Height)
            : new ModelInput(FaceAligner.Size, FaceAligner.Size),
        Dimensions = (Experiment as RecogniserExperiment)?.Student.Dimensions,
        TrainedOn = [.. Experiment.Data.Sets.Select(set => set.Folder)],
        Note = string.Create(
            CultureInfo.InvariantCulture,
            $"Experiment '{Experiment.Name}', step {Step:N0}"
            + $"{(Experiment is RecogniserExperiment student ? $", distilled from {student.Recogniser}" : "")}.")
            + " The terms of the training sets hold for the model too; many sets are for research only.",
    };

    /// <summary>The validation score of a checkpoint; 0 if it has none.</summary>
    internal static double ScoreOf(string checkpoint) =>
        File.Exists(checkpoint) && SafeTensors.Read(checkpoint).Metadata.TryGetValue(ScoreKey, out string? score)
            && double.TryParse(score, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : 0;

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="FaceDataException">The file is damaged, or is not a checkpoint of a training run.</exception>
    public static TrainedNetwork Read(string checkpoint)
    {
        var (metadata, tensors) = SafeTensors.Read(checkpoint);
        if (!metadata.TryGetValue(ExperimentKey, out string? json) || !metadata.TryGetValue(StepKey, out string? step))
            throw new FaceDataException(
                $"{checkpoint}: is not a checkpoint of a training run: it names no experiment or no step. Give a checkpoint from "
                + "`ipunet train`.");
        Experiment experiment = Experiment.Parse(json, checkpoint);
        INetwork network = experiment.CreateNetwork();
        var weights = new WeightSet();
        foreach (var declaration in WeightDeclarations.Of(network))
        {
            if (
                !tensors.TryGetValue(AveragePrefix + declaration.Name, out var saved)
                    || !saved.Shape.SequenceEqual(declaration.Shape.Select(n => (long)n)))
                throw new FaceDataException(
                    $"{checkpoint}: its weights do not fit its experiment: '{declaration.Name}' is missing or has another shape. Train "
                    + "again.");
            weights[declaration.Name] = WeightTensor.FromFloats([.. declaration.Shape], saved.Values);
        }
        return new TrainedNetwork(network, weights, experiment, int.Parse(step, CultureInfo.InvariantCulture));
    }
}
