using System.ComponentModel.DataAnnotations;

namespace IpuNet.Training.Losses;

/// <summary>How pixels are compared.</summary>
public enum PixelLoss
{
    /// <summary>Mean absolute difference.</summary>
    L1,

    /// <summary>Mean squared difference, as in the paper.</summary>
    Mse,
}

/// <summary>How embeddings are compared.</summary>
public enum IdentityDistance
{
    /// <summary>1 - cosine similarity.</summary>
    Cosine,

    /// <summary>Mean squared difference, as in the paper.</summary>
    Mse,
}

/// <summary>How embeddings are held against those of a frozen recogniser: a weighted sum; a weight of 0 leaves a term out.</summary>
public record IdentityLossOptions
{
    /// <summary>Weight of the identity loss between an embedding and the frozen recogniser's of the original face.</summary>
    /// <value>1 by default (the paper's).</value>
    [Range(0.0, 1_000_000.0)]
    public double Identity { get; init; } = 1;

    /// <summary>How embeddings are compared.</summary>
    public IdentityDistance IdentityKind { get; init; } = IdentityDistance.Mse;

    /// <summary>
    /// How far the identity loss aims from the face's own embedding at the mean embedding of its person, where the set
    /// says whose face it is: probes are matched against other pictures of the person.
    /// </summary>
    /// <value>0 by default: the face's own; 1 is the person's mean.</value>
    [Range(0.0, 1.0)]
    public double PersonShare { get; init; }

    /// <summary>
    /// Weight of the contrast loss: cross-entropy of finding the face's own embedding among those of all training faces
    /// (InfoNCE, van den Oord et al. 2018, with the frozen recogniser's embeddings as the candidates).
    /// </summary>
    [Range(0.0, 1_000_000.0)]
    public double Contrast { get; init; }

    /// <summary>Temperature of the contrast loss, in units of cosine similarity.</summary>
    [Range(0.001, 10.0)]
    public double ContrastTemperature { get; init; } = 0.02;
}

/// <summary>
/// What an enhancer's run minimises: the identity terms, of the frozen recogniser's embeddings of super-resolved faces, and more.
/// </summary>
public sealed record LossOptions : IdentityLossOptions
{
    /// <summary>Weight of the pixel loss, over values in [-1, 1].</summary>
    /// <value>5 by default (the paper's).</value>
    [Range(0.0, 1_000_000.0)]
    public double Pixel { get; init; } = 5;

    /// <summary>How pixels are compared.</summary>
    public PixelLoss PixelKind { get; init; } = PixelLoss.Mse;

    /// <summary>
    /// Weight of the perceptual loss: mean absolute difference of the recogniser's feature maps, each divided by its mean magnitude.
    /// </summary>
    [Range(0.0, 1_000_000.0)]
    public double Perceptual { get; init; }

    /// <summary>Which of the recogniser's feature maps the perceptual loss compares; the first is the finest.</summary>
    [Length(1, 64), Range(0, 63)]
    public IReadOnlyList<int> PerceptualMaps { get; init; } = [0, 1];

    /// <summary>
    /// Weight of predicting the original face's embedding from the U-Net's deepest features by one linear layer, which is
    /// used in training only: it teaches the encoder directly whom it sees.
    /// </summary>
    [Range(0.0, 1_000_000.0)]
    public double Bottleneck { get; init; }

    /// <summary>Weight of the contrast loss of that predicted embedding.</summary>
    [Range(0.0, 1_000_000.0)]
    public double BottleneckContrast { get; init; }

    /// <summary>
    /// The step from which the terms that run the recogniser count. Before it, steps cost less than half: the encoder learns
    /// whom it sees and the decoder to draw a face, and the recogniser then refines a face instead of noise.
    /// </summary>
    [Range(0, 100_000_000)]
    public int RecogniserFrom { get; init; }
}

/// <summary>
/// How the recogniser looks at a super-resolved face while training: moved, turned, blurred, noisy, drawn anew each time. A
/// texture that pleases the recogniser at one exact position does not survive this; a feature of a face does.
/// </summary>
public sealed record ViewOptions
{
    /// <summary>Largest shift in pixels of the aligned face, in each direction.</summary>
    /// <value>0 by default; 4 was enough to stop checkerboards.</value>
    [Range(0.0, 64.0)]
    public double Shift { get; init; }

    /// <summary>Largest relative change of size.</summary>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public double Scale { get; init; }

    /// <summary>Largest turn in degrees.</summary>
    [Range(0.0, 180.0)]
    public double Rotation { get; init; }

    /// <summary>Strongest Gaussian blur: standard deviation in pixels.</summary>
    [Range(0.0, 16.0)]
    public double Blur { get; init; }

    /// <summary>Strongest noise: standard deviation on the scale 0-255.</summary>
    [Range(0.0, 255.0)]
    public double Noise { get; init; }
}
