using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Training.Data;
using IpuNet.Training.Import;
using IpuNet.Training.Torch;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace IpuNet.Training.Losses;

/// <summary>A recogniser in training. Gradients flow through it, but its weights do not change.</summary>
public sealed class FrozenRecogniser(INetwork network, WeightSet weights) : IDisposable
{
    private readonly TorchWeights _weights = TorchWeights.Load(network, weights, trainable: false);

    /// <summary>Opens a recogniser, and verifies its checksum.</summary>
    /// <param name="model">The recogniser.</param>
    /// <exception cref="FaceDataException">The model is not a recogniser, or its network is not one of this project.</exception>
    public static FrozenRecogniser Open(InstalledModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Manifest.Graph is not null)
        {
            throw new FaceDataException(
                $"{model.Id} is a foreign graph: training cannot go through it or learn from it. Name a recogniser with a network of this "
                + "project, such as the shipped one, or one from `ipunet import facenet`.");
        }
        return new FrozenRecogniser(
            NetworkCatalogue.Create(model.Require(ModelKind.Recogniser).Manifest.Architecture), OnnxWeights.Read(model));
    }

    /// <summary>Side of the square input in pixels.</summary>
    public int InputSize { get; } = network.Input.Height;

    /// <summary>Runs the recogniser.</summary>
    /// <param name="faces">[N, 3, InputSize, InputSize], 0-255.</param>
    /// <returns>Embeddings [N, D], not normalised, and the feature maps that the network lists as its other outputs.</returns>
    public (Tensor Embeddings, IReadOnlyList<Tensor> Features) Run(Tensor faces)
    {
        IReadOnlyList<Tensor> outputs = network.Forward(new TorchOperations(_weights), faces);
        return (outputs[0].flatten(1), [.. outputs.Skip(1)]);
    }

    /// <summary>Embeds aligned faces as the served model does: it resizes them bilinearly, and normalises the embeddings.</summary>
    /// <param name="faces">[N, 3, 128, 128], 0-255.</param>
    /// <returns>Embeddings [N, D] of length 1.</returns>
    public Tensor Embed(Tensor faces)
    {
        Tensor resized = nn.functional.interpolate(
            faces, size: [InputSize, InputSize], mode: InterpolationMode.Bilinear, align_corners: false);
        return nn.functional.normalize(Run(resized).Embeddings, p: 2, dim: 1);
    }

    /// <inheritdoc/>
    public void Dispose() => _weights.Dispose();
}

/// <summary>Compares embeddings with those that a frozen recogniser makes of the original faces.</summary>
/// <param name="options">The terms and their weights.</param>
/// <param name="targets">The targets of all training faces.</param>
public sealed class IdentityLoss(IdentityLossOptions options, IdentityTargets targets)
{
    /// <summary>The weighted terms by name. Terms of weight 0 are left out.</summary>
    /// <param name="embeddings">[N, D], not normalised.</param>
    /// <param name="indices">The training face of each embedding.</param>
    public IEnumerable<(string Name, Tensor Value)> Terms(Tensor embeddings, int[] indices)
    {
        if (options.Identity > 0)
            yield return ("identity", RootedScalar.Of(options.Identity) * Distance(embeddings, indices));
        if (options.Contrast > 0)
            yield return ("contrast", RootedScalar.Of(options.Contrast) * Contrast(embeddings, indices));
    }

    /// <summary>The mean distance to the targets, not weighted.</summary>
    internal Tensor Distance(Tensor embeddings, int[] indices)
    {
        Tensor wanted = targets.Of(indices);
        return options.IdentityKind == IdentityDistance.Cosine
            ? (RootedScalar.Of(1) - functional.cosine_similarity(embeddings, wanted, dim: 1)).mean()
            : RootedScalar.Square(embeddings - wanted).mean();
    }

    /// <summary>The cross-entropy of finding the faces among all training faces, not weighted.</summary>
    internal Tensor Contrast(Tensor embeddings, int[] indices) => targets.Contrast(embeddings, indices, options.ContrastTemperature);
}
