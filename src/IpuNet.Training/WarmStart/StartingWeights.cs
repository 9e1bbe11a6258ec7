using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Training.Data;
using IpuNet.Training.Experiments;
using IpuNet.Training.Import;
using IpuNet.Training.Torch;
using IpuNet.Training.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace IpuNet.Training.WarmStart;

/// <summary>The first weights of a training that starts from a served model.</summary>
public static class StartingWeights
{
    private const int Faces = 256;

    /// <summary>
    /// Makes the first weights of an experiment from the weights of a model. The network of the experiment is as wide as that of the model,
    /// or wider.
    /// </summary>
    /// <param name="model">An enhancer that this project exported. Its checksum is verified.</param>
    /// <param name="experiment">The experiment. Its network is that of the model, except for the width.</param>
    /// <param name="faces">The training faces. The batch norms get their statistics from at most 256 of them.</param>
    /// <exception cref="FaceDataException">The model is damaged, is not an enhancer, or has another network.</exception>
    public static WeightSet Read(InstalledModel model, EnhancerExperiment experiment, AlignedFaces faces)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(experiment);
        ArgumentNullException.ThrowIfNull(faces);
        WeightSet folded = OnnxWeights.Read(model.Require(ModelKind.Enhancer));
        try
        {
            var network = new UNet(experiment.Network with { Width = UNet.WidthOf(folded) });
            var source = new BatchSource(faces, experiment.Data, experiment.Degradation, Math.Min(Faces, faces.Count), experiment.Seed);
            using var scope = torch.NewDisposeScope();
            byte[] inputs = source.Make(0).Inputs;
            WeightSet weights = BatchNormUnfolding.Unfold(
                network, folded, FaceTensors.FromBytes(inputs, inputs.Length / (FaceAligner.Size * FaceAligner.Size * RgbImage.Channels)));
            return experiment.Network.Width == network.Options.Width ? weights : NetworkWidening.Widen(
                new UNet(experiment.Network), weights, experiment.Seed);
        }
        catch (Exception e) when (e is KeyNotFoundException or ArgumentException)
        {
            throw new FaceDataException(
                $"{model.Id}: experiment '{experiment.Name}' cannot start from it: {e.Message} Name a model with the same network or a "
                + "narrower one in 'from', or leave 'from' out of the experiment.", e);
        }
    }
}

/// <summary>
/// Gives a served network its batch norms back, so that its training can go on. The export folded each norm into the layer before it, and
/// that cannot be undone exactly. Instead, each layer gets a new norm. Its running statistics are those of the folded layer over some
/// faces, and its scale and offset cancel them. So the network computes the same as before, and trains as if it had never been folded.
/// </summary>
internal sealed class BatchNormUnfolding : TorchOperations
{
    private readonly WeightSet _weights;
    private readonly Dictionary<Tensor, string> _layers = new(ReferenceEqualityComparer.Instance);

    private BatchNormUnfolding(TorchWeights loaded, WeightSet weights)
        : base(loaded) => _weights = weights;

    /// <summary>Adds the batch norms to the weights of a served network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="folded">The weights of the served model.</param>
    /// <param name="faces">Inputs of the network, [N, 3, H, W], 0-255. A few hundred are enough.</param>
    /// <returns>All weights that the network declares.</returns>
    /// <exception cref="KeyNotFoundException">A weight is missing.</exception>
    /// <exception cref="ArgumentException">A weight has another shape.</exception>
    public static WeightSet Unfold(INetwork network, WeightSet folded, Tensor faces)
    {
        using TorchWeights loaded = TorchWeights.Load(network, folded, trainable: false);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var unfolded = new WeightSet();
        network.Forward(new BatchNormUnfolding(loaded, unfolded), faces);
        foreach (WeightDeclaration declaration in WeightDeclarations.Of(network).Where(d => !unfolded.TryGet(d.Name, out var _)))
            unfolded[declaration.Name] = folded[declaration.Name];
        return unfolded;
    }

    /// <inheritdoc/>
    public override Tensor Convolution(Tensor x, string name, ConvolutionSpec spec) => Note(base.Convolution(x, name, spec), name);

    /// <inheritdoc/>
    public override Tensor TransposedConvolution(Tensor x, string name, ConvolutionSpec spec) =>
        Note(base.TransposedConvolution(x, name, spec), name);

    /// <inheritdoc/>
    public override Tensor BatchNorm(Tensor x, string name, float epsilon)
    {
        Tensor mean = x.mean([0, 2, 3]), variance = x.var([0, 2, 3], unbiased: false);
        // x includes the bias of the folded layer. Once the norm is back, the layer has no such bias, so the running mean leaves it out.
        Tensor before = Bias(_layers[x], false) is { } bias ? mean - bias : mean;
        Keep($"{name}.weight", (variance + RootedScalar.Of(epsilon)).sqrt());
        Keep($"{name}.bias", mean);
        Keep($"{name}.running_mean", before);
        Keep($"{name}.running_var", variance);
        return x;
    }

    private Tensor Note(Tensor output, string layer)
    {
        _layers[output] = layer;
        return output;
    }

    private void Keep(string name, Tensor value) =>
        _weights[name] = WeightTensor.FromFloats([(int)value.size(0)], TensorBytes.ReadFloats(value));
}
