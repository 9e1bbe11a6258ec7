using IpuNet.Faces;
using IpuNet.Faces.Networks;
using IpuNet.Training.Data;
using IpuNet.Training.Experiments;
using IpuNet.Training.Losses;
using IpuNet.Training.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace IpuNet.Training.Training;

/// <summary>Teaches a FaceNet the embeddings that a frozen recogniser has of the original faces.</summary>
internal sealed class DistillationTask : ITrainingTask
{
    // All kernels but those of the residual sums are followed by a batch norm, for which only directions count; kernels as small as a
    // U-Net's would turn too fast under Adam.
    private const float KernelDeviation = 0.1f;

    private readonly RecogniserExperiment _experiment;
    private readonly IdentityLoss _loss;

    public DistillationTask(RecogniserExperiment experiment, IdentityTargets targets, ValidationFaces? people)
    {
        if (experiment.Student.Dimensions != targets.Dimensions)
        {
            throw new FaceDataException(
                $"Experiment '{experiment.Name}': {experiment.Recogniser} embeds faces as {targets.Dimensions} numbers, and student.dimensions is "
                + $"{experiment.Student.Dimensions}. A student learns embeddings of the same length: set it to {targets.Dimensions}, or name another recogniser.");
        }
        _experiment = experiment;
        _loss = new IdentityLoss(experiment.Losses, targets);
        Network = experiment.CreateNetwork();
        Validator = people is null ? null : new StudentValidator(Network, people);
    }

    public INetwork Network { get; }

    public IReadOnlyDictionary<string, Parameter> Aids { get; } = new Dictionary<string, Parameter>();

    public IValidator? Validator { get; }

    public WeightSet RandomWeights() => WeightDeclarations.Randomise(Network, _experiment.Seed, KernelDeviation);

    public IReadOnlyList<(string Name, Tensor Value)> Loss(TorchWeights weights, TrainingBatch batch)
    {
        var operations = new TorchOperations(weights, training: true);
        Tensor faces = operations.ResizeBilinear(FaceTensors.FromBytes(batch.Inputs, batch.Indices.Length), Network.Input.Height, Network.Input.Width);
        return [.. _loss.Terms(Network.Forward(operations, faces)[0].flatten(1), batch.Indices)];
    }

    public void Dispose()
    {
    }
}
