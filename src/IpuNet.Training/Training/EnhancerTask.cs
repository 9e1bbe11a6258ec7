using IpuNet.Faces.Files;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Networks;
using IpuNet.Training.Data;
using IpuNet.Training.Experiments;
using IpuNet.Training.Losses;
using IpuNet.Training.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace IpuNet.Training.Training;

/// <summary>Trains a U-Net to draw faces that a frozen recogniser takes for the original ones.</summary>
internal sealed class EnhancerTask : ITrainingTask
{
    private const string BottleneckHead = "bottleneck.weight";

    private readonly EnhancerExperiment _experiment;
    private readonly TrainingLoss _loss;
    private readonly BatchSource _batches;
    private readonly IdentityTargets _targets;

    // The linear layer that predicts an embedding from the deepest features: [D, channels].
    private readonly Parameter _head;

    public EnhancerTask(
        EnhancerExperiment experiment, BatchSource batches, FrozenRecogniser recogniser, IdentityTargets targets, ValidationFaces? people)
    {
        (_experiment, _batches, _targets) = (experiment, batches, targets);
        var network = new UNet(experiment.Network);
        Network = network;
        _loss = new TrainingLoss(experiment.Losses, experiment.View, recogniser, targets);
        Validator = people is null ? null : new EnhancerValidator(network, people);
        manual_seed(experiment.Seed);
        _head = new Parameter((randn(targets.Dimensions, network.DeepestChannels) * RootedScalar.Of(0.02)).DetachFromDisposeScope());
        _head.DetachFromDisposeScope();
        Aids = new Dictionary<string, Parameter> { [BottleneckHead] = _head };
    }

    public INetwork Network { get; }

    public IReadOnlyDictionary<string, Parameter> Aids { get; }

    public IValidator? Validator { get; }

    public WeightSet RandomWeights() => WeightDeclarations.Randomise(Network, _experiment.Seed);

    public StepLoss Draw(int step)
    {
        TrainingBatch batch = _batches.Make(step);
        return weights => Loss(weights, batch);
    }

    public void Dispose()
    {
        _head.Dispose();
        _targets.Dispose();
    }

    private IReadOnlyList<(string Name, Tensor Value)> Loss(TorchWeights weights, TrainingBatch batch)
    {
        int count = batch.Indices.Length;
        var outputs = Network.Forward(new TorchOperations(weights, training: true), FaceTensors.FromBytes(batch.Inputs, count));
        Tensor? predicted = _experiment.Losses.Bottleneck + _experiment.Losses.BottleneckContrast > 0 ? nn.functional.linear(
            outputs[1].flatten(1), _head) : null;
        return _loss.Compute(
            batch.Step, outputs[0], FaceTensors.FromBytes(batch.Targets, count), predicted, batch.Indices,
            SeededRandom.Create(_experiment.Seed, batch.Step));
    }
}

/// <summary>
/// Validates a U-Net: it compares super-resolved probes with original gallery images. It also writes a picture. For each size, the picture
/// has a row of inputs and a row of results. The last row has the originals.
/// </summary>
internal sealed class EnhancerValidator(UNet network, ValidationFaces people) : IValidator
{
    private const int Batch = 32;

    public ValidationResult Run(WeightSet averaged, int step, string pictures)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TorchWeights weights = TorchWeights.Load(network, averaged, trainable: false);
        var operations = new TorchOperations(weights);
        var rows = new List<ValidationRow>();
        var tiles = new List<IReadOnlyList<RgbImage>>();
        foreach (int size in people.Options.Sizes)
        {
            RgbImage[] inputs = people.Inputs(size);
            RgbImage[] results = [.. inputs.Chunk(Batch).SelectMany(chunk =>
            {
                using var inner = NewDisposeScope();
                return FaceTensors.ToImages(network.Forward(operations, FaceTensors.FromImages(chunk))[0]);
            })];
            rows.Add(people.Row(
                size, RecogniserEmbeddings.Embed(people.Recogniser, results), people.GalleryEmbeddings, people.Psnr(results)));
            tiles.Add(inputs);
            tiles.Add(results);
        }
        tiles.Add(people.Probes);
        int shown = Math.Min(people.Options.Pictures, people.Probes.Count);
        byte[] strip = ImageEncoder.EncodePng(FaceTile.Compose([.. tiles.SelectMany(row => row.Take(shown))], shown, gap: 2));
        AtomicFile.Write(pictures, strip, durable: false);
        return ValidationResult.ByAccuracy(step, rows);
    }
}
