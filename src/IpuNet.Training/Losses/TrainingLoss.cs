using IpuNet.Faces;
using IpuNet.Training.Data;
using IpuNet.Training.Torch;
using static TorchSharp.torch;

namespace IpuNet.Training.Losses;

/// <summary>The loss of an enhancer's step: the weighted terms.</summary>
/// <param name="options">The terms and their weights.</param>
/// <param name="view">How the recogniser looks at the faces.</param>
/// <param name="recogniser">The frozen recogniser.</param>
/// <param name="targets">The embeddings of all training faces.</param>
public sealed class TrainingLoss(LossOptions options, ViewOptions view, FrozenRecogniser recogniser, IdentityTargets targets)
{
    private const double HalfRange = 127.5;

    private readonly IdentityLoss _identity = new(options, targets);

    /// <summary>Computes the terms.</summary>
    /// <param name="step">The step, counted from 0.</param>
    /// <param name="pictures">[N, 3, 128, 128], 0-255: what the U-Net drew.</param>
    /// <param name="originals">[N, 3, 128, 128], 0-255: the aligned faces.</param>
    /// <param name="predicted">[N, D]: embeddings predicted from the deepest features, or null.</param>
    /// <param name="indices">Which training faces they are.</param>
    /// <param name="random">Draws how the recogniser looks.</param>
    /// <returns>Each term, weighted, by name.</returns>
    public IReadOnlyList<(string Name, Tensor Value)> Compute(
        int step, Tensor pictures, Tensor originals, Tensor? predicted, int[] indices, Random random)
    {
        ArgumentNullException.ThrowIfNull(indices);
        var terms = new List<(string Name, Tensor Value)>();
        if (options.Pixel > 0)
            terms.Add(("pixel", RootedScalar.Of(options.Pixel) * Pixel((pictures - originals) / RootedScalar.Of(HalfRange))));

        if (step >= options.RecogniserFrom && (options.Identity > 0 || options.Contrast > 0 || options.Perceptual > 0))
        {
            var look = new RecogniserView(view, indices.Length, random);
            var (embeddings, features) = recogniser.Run(look.Apply(pictures, recogniser.InputSize));
            terms.AddRange(_identity.Terms(embeddings, indices));
            if (options.Perceptual > 0)
                terms.Add(("perceptual", RootedScalar.Of(options.Perceptual) * Perceptual(features, look, originals)));
        }
        if (options.Bottleneck > 0 && predicted is not null)
            terms.Add(("bottleneck", RootedScalar.Of(options.Bottleneck) * _identity.Distance(predicted, indices)));
        if (options.BottleneckContrast > 0 && predicted is not null)
            terms.Add(("bottleneck contrast", RootedScalar.Of(options.BottleneckContrast) * _identity.Contrast(predicted, indices)));
        return terms;
    }

    private Tensor Pixel(Tensor difference) => options.PixelKind == PixelLoss.L1 ? difference.abs().mean() : RootedScalar.Square(difference).mean();

    private Tensor Perceptual(IReadOnlyList<Tensor> features, RecogniserView look, Tensor originals)
    {
        if (options.PerceptualMaps.Max() is var last && last >= features.Count)
            throw new FaceDataException($"losses.perceptualMaps has {last}, and the recogniser has {features.Count} feature maps: name those from 0 on, below that.");
        IReadOnlyList<Tensor> wanted;
        using (no_grad())
            wanted = recogniser.Run(look.Apply(originals, recogniser.InputSize)).Features;
        return options.PerceptualMaps
            .Select(i => (features[i] - wanted[i]).abs().mean() / (wanted[i].abs().mean() + RootedScalar.Of(1e-6)))
            .Aggregate((a, b) => a + b);
    }
}
