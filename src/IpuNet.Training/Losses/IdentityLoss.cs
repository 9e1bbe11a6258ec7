using IpuNet.Training.Data;
using IpuNet.Training.Torch;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace IpuNet.Training.Losses;

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
