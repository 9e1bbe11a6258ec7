using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Training.Data;
using IpuNet.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace IpuNet.Training.Losses;

/// <summary>The loss of a step of an enhancer, as weighted terms.</summary>
/// <param name="options">The terms and their weights.</param>
/// <param name="view">The limits of the random changes before the recogniser.</param>
/// <param name="recogniser">The frozen recogniser.</param>
/// <param name="targets">The targets of all training faces.</param>
public sealed class TrainingLoss(LossOptions options, ViewOptions view, FrozenRecogniser recogniser, IdentityTargets targets)
{
    private const double HalfRange = 127.5;

    private readonly IdentityLoss _identity = new(options, targets);

    /// <summary>Computes the terms.</summary>
    /// <param name="step">The step, counted from 0.</param>
    /// <param name="pictures">The super-resolved faces, [N, 3, 128, 128], 0-255.</param>
    /// <param name="originals">The aligned faces, [N, 3, 128, 128], 0-255.</param>
    /// <param name="predicted">The embeddings that the bottleneck predicts, [N, D]; null if it predicts none.</param>
    /// <param name="indices">Indices of the training faces.</param>
    /// <param name="random">Random numbers for the changes before the recogniser.</param>
    /// <returns>The weighted terms by name.</returns>
    /// <exception cref="FaceDataException">The recogniser does not have all feature maps that the options name.</exception>
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

    private Tensor Pixel(Tensor difference) =>
        options.PixelKind == PixelLoss.L1 ? difference.abs().mean() : RootedScalar.Square(difference).mean();

    private Tensor Perceptual(IReadOnlyList<Tensor> features, RecogniserView look, Tensor originals)
    {
        if (options.PerceptualMaps.Max() is var last && last >= features.Count)
            throw new FaceDataException(
                $"losses.perceptualMaps names map {last}, but the recogniser has {features.Count} feature maps, counted from 0. Name maps "
                + $"below {features.Count}.");
        IReadOnlyList<Tensor> wanted;
        using (no_grad())
            wanted = recogniser.Run(look.Apply(originals, recogniser.InputSize)).Features;
        return options.PerceptualMaps
            .Select(i => (features[i] - wanted[i]).abs().mean() / (wanted[i].abs().mean() + RootedScalar.Of(1e-6)))
            .Aggregate((a, b) => a + b);
    }
}

/// <summary>One random change for each face of a batch. The same changes can be applied to several batches.</summary>
public sealed class RecogniserView
{
    private const int BlurRadius = 4;

    private readonly float[] _transforms;
    private readonly double _blur;
    private readonly double _noise;
    private readonly int _batch;

    /// <summary>Draws the changes. Blur and noise are the same for all faces of the batch.</summary>
    /// <param name="options">The limits of the changes.</param>
    /// <param name="batch">Number of faces in a batch.</param>
    /// <param name="random">Random numbers.</param>
    public RecogniserView(ViewOptions options, int batch, Random random)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(random);
        _batch = batch;
        _transforms = new float[batch * 6];
        for (int i = 0; i < batch; i++)
        {
            double angle = Within(options.Rotation) * Math.PI / 180, scale = 1 + Within(options.Scale);
            // A similarity in the coordinates of affine_grid: the face spans [-1, 1], so one of its 128 pixels is 2 / 128.
            double cos = Math.Cos(angle) * scale, sin = Math.Sin(angle) * scale;
            Span<float> t = _transforms.AsSpan(i * 6, 6);
            (t[0], t[1], t[2]) = ((float)cos, (float)-sin, (float)(Within(options.Shift) / 64));
            (t[3], t[4], t[5]) = ((float)sin, (float)cos, (float)(Within(options.Shift) / 64));
        }
        _blur = random.NextDouble() * options.Blur;
        _noise = random.NextDouble() * options.Noise;

        double Within(double range) => (random.NextDouble() * 2 - 1) * range;
    }

    /// <summary>Changes and resizes faces.</summary>
    /// <param name="faces">[N, 3, 128, 128], 0-255.</param>
    /// <param name="size">Side of the recogniser's input in pixels.</param>
    /// <returns>[N, 3, size, size], 0-255.</returns>
    public Tensor Apply(Tensor faces, int size)
    {
        Tensor x = _blur > 0.3 ? Blur(faces, _blur) : faces;
        Tensor grid = functional.affine_grid(tensor(_transforms, [_batch, 2, 3]), [_batch, 3, size, size], align_corners: false);
        x = functional.grid_sample(
            x, grid, mode: GridSampleMode.Bilinear, padding_mode: GridSamplePaddingMode.Border, align_corners: false);
        return _noise > 0 ? x + randn_like(x) * RootedScalar.Of(_noise) : x;
    }

    private static Tensor Blur(Tensor x, double sigma)
    {
        Tensor kernel = tensor(GaussianBlur.Kernel(sigma, BlurRadius));
        long side = kernel.size(0);
        Tensor padded = functional.pad(x, [BlurRadius, BlurRadius, BlurRadius, BlurRadius], PaddingModes.Replicate);
        Tensor rows = functional.conv2d(padded, kernel.view(1, 1, 1, side).expand(3, 1, 1, side), groups: 3);
        return functional.conv2d(rows, kernel.view(1, 1, side, 1).expand(3, 1, side, 1), groups: 3);
    }
}
