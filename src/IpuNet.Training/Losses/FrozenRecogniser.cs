using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Training.Data;
using IpuNet.Training.Import;
using IpuNet.Training.Torch;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace IpuNet.Training.Losses;

/// <summary>A recogniser whose weights do not change, but through which gradients flow.</summary>
public sealed class FrozenRecogniser(INetwork network, WeightSet weights) : IDisposable
{
    private readonly TorchWeights _weights = TorchWeights.Load(network, weights, trainable: false);

    /// <summary>Opens a recogniser, and verifies its checksum.</summary>
    /// <param name="model">The recogniser.</param>
    /// <exception cref="FaceDataException">The model is no recogniser, or its network is not one of this project.</exception>
    public static FrozenRecogniser Open(InstalledModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Manifest.Graph is not null)
        {
            throw new FaceDataException(
                $"{model.Id} is a foreign graph, which runs unchanged: training cannot go through it, nor learn from it. Name a "
                + "recogniser that is one of this project's "
                + "networks, such as one of `ipunet import facenet`, or the shipped one.");
        }
        return new FrozenRecogniser(
            NetworkCatalogue.Create(model.Require(ModelKind.Recogniser).Manifest.Architecture), OnnxWeights.Read(model));
    }

    /// <summary>Side of its input in pixels.</summary>
    public int InputSize { get; } = network.Input.Height;

    /// <summary>Runs the recogniser.</summary>
    /// <param name="faces">[N, 3, InputSize, InputSize], 0-255.</param>
    /// <returns>Embeddings [N, D], not normalised, and the feature maps that the network documents.</returns>
    public (Tensor Embeddings, IReadOnlyList<Tensor> Features) Run(Tensor faces)
    {
        IReadOnlyList<Tensor> outputs = network.Forward(new TorchOperations(_weights), faces);
        return (outputs[0].flatten(1), [.. outputs.Skip(1)]);
    }

    /// <summary>Embeds aligned faces as they are served: resized bilinearly, normalised to length 1.</summary>
    /// <param name="faces">[N, 3, 128, 128], 0-255.</param>
    /// <returns>[N, D].</returns>
    public Tensor Embed(Tensor faces)
    {
        Tensor resized = nn.functional.interpolate(
            faces, size: [InputSize, InputSize], mode: InterpolationMode.Bilinear, align_corners: false);
        return nn.functional.normalize(Run(resized).Embeddings, p: 2, dim: 1);
    }

    /// <inheritdoc/>
    public void Dispose() => _weights.Dispose();
}

/// <summary>Holds embeddings against those that a frozen recogniser has of the original faces.</summary>
/// <param name="options">The terms and their weights.</param>
/// <param name="targets">The embeddings of all training faces.</param>
public sealed class IdentityLoss(IdentityLossOptions options, IdentityTargets targets)
{
    /// <summary>The weighted terms by name; those of weight 0 are left out.</summary>
    /// <param name="embeddings">[N, D], not normalised.</param>
    /// <param name="indices">Which training faces they are of.</param>
    public IEnumerable<(string Name, Tensor Value)> Terms(Tensor embeddings, int[] indices)
    {
        if (options.Identity > 0)
            yield return ("identity", RootedScalar.Of(options.Identity) * Distance(embeddings, indices));
        if (options.Contrast > 0)
            yield return ("contrast", RootedScalar.Of(options.Contrast) * Contrast(embeddings, indices));
    }

    /// <summary>The mean distance to the aims, not weighted.</summary>
    internal Tensor Distance(Tensor embeddings, int[] indices)
    {
        Tensor aims = targets.Of(indices);
        return options.IdentityKind == IdentityDistance.Cosine
            ? (RootedScalar.Of(1) - functional.cosine_similarity(embeddings, aims, dim: 1)).mean()
            : RootedScalar.Square(embeddings - aims).mean();
    }

    /// <summary>The cross-entropy of finding the faces, not weighted.</summary>
    internal Tensor Contrast(Tensor embeddings, int[] indices) => targets.Contrast(embeddings, indices, options.ContrastTemperature);
}
