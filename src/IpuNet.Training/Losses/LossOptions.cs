using System.ComponentModel.DataAnnotations;

namespace IpuNet.Training.Losses;

/// <summary>The ways to compare pixels.</summary>
public enum PixelLoss
{
    /// <summary>Mean absolute difference.</summary>
    L1,

    /// <summary>Mean squared difference, as in the paper.</summary>
    Mse,
}

/// <summary>The ways to compare embeddings.</summary>
public enum IdentityDistance
{
    /// <summary>1 - cosine similarity.</summary>
    Cosine,

    /// <summary>Mean squared difference, as in the paper.</summary>
    Mse,
}

/// <summary>
/// The loss between embeddings and those of a frozen recogniser. It is a weighted sum of terms. A weight of 0 leaves a term out.
/// </summary>
public record IdentityLossOptions
{
    /// <summary>Weight of the identity loss: the distance between an embedding and its target.</summary>
    /// <value>1 by default (the paper's).</value>
    [Range(0.0, 1_000_000.0)]
    public double Identity { get; init; } = 1;

    /// <summary>The way to compare embeddings.</summary>
    public IdentityDistance IdentityKind { get; init; } = IdentityDistance.Mse;

    /// <summary>
    /// The share of the person's mean embedding in the target of a face. The rest is the frozen recogniser's embedding of the original
    /// face. The mean helps, because probes are compared with other images of the person. A face without an identity counts as a person
    /// of its own.
    /// </summary>
    /// <value>0 by default, for the face's own embedding; 1 for the mean of the person.</value>
    [Range(0.0, 1.0)]
    public double PersonShare { get; init; }

    /// <summary>
    /// Weight of the contrast loss: cross-entropy of finding a face's own embedding among those of all training faces (InfoNCE, van den
    /// Oord et al. 2018). The candidates are the frozen recogniser's embeddings of the original faces.
    /// </summary>
    [Range(0.0, 1_000_000.0)]
    public double Contrast { get; init; }

    /// <summary>Temperature of the contrast loss, in units of cosine similarity.</summary>
    [Range(0.001, 10.0)]
    public double ContrastTemperature { get; init; } = 0.02;
}

/// <summary>
/// The loss of an enhancer: the identity terms, for the recogniser's embeddings of the super-resolved faces, and more terms.
/// </summary>
public sealed record LossOptions : IdentityLossOptions
{
    /// <summary>Weight of the pixel loss, over values in [-1, 1].</summary>
    /// <value>5 by default (the paper's).</value>
    [Range(0.0, 1_000_000.0)]
    public double Pixel { get; init; } = 5;

    /// <summary>The way to compare pixels.</summary>
    public PixelLoss PixelKind { get; init; } = PixelLoss.Mse;

    /// <summary>
    /// Weight of the perceptual loss: the mean absolute difference of the recogniser's feature maps of the super-resolved and the original
    /// face. Each difference is divided by the mean magnitude of the original's map.
    /// </summary>
    [Range(0.0, 1_000_000.0)]
    public double Perceptual { get; init; }

    /// <summary>Indices of the feature maps of the recogniser that the perceptual loss compares. Map 0 is the finest.</summary>
    [Length(1, 64), Range(0, 63)]
    public IReadOnlyList<int> PerceptualMaps { get; init; } = [0, 1];

    /// <summary>
    /// Weight of the bottleneck loss. A linear layer predicts the embedding of the original face from the deepest features of the U-Net. So
    /// the encoder learns directly whom it sees. The layer exists in training only.
    /// </summary>
    [Range(0.0, 1_000_000.0)]
    public double Bottleneck { get; init; }

    /// <summary>Weight of the contrast loss of the embedding that the bottleneck predicts.</summary>
    [Range(0.0, 1_000_000.0)]
    public double BottleneckContrast { get; init; }

    /// <summary>
    /// The step from which the terms with the recogniser count. A step before it costs less than half. In these steps the encoder learns
    /// whom it sees, and the decoder learns to draw a face. So the recogniser starts with faces, not with noise.
    /// </summary>
    [Range(0, 100_000_000)]
    public int RecogniserFrom { get; init; }
}

/// <summary>
/// Random changes of the super-resolved faces before the recogniser sees them in training: shift, scale, rotation, blur and noise. The
/// U-Net could learn textures that raise the score at one exact position only. Such a texture does not survive the changes; the features
/// of a face do.
/// </summary>
public sealed record ViewOptions
{
    /// <summary>Largest shift in pixels of the aligned face, in each direction.</summary>
    /// <value>0 by default; 4 was enough to stop checkerboard textures.</value>
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
