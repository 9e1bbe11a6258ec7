using IpuNet.Faces.Networks;
using IpuNet.Training.Losses;

namespace IpuNet.Training.Experiments;

/// <summary>A run that trains an enhancer: a U-Net, through a frozen recogniser.</summary>
public sealed record EnhancerExperiment : Experiment
{
    /// <summary>The U-Net.</summary>
    public UNetOptions Network { get; init; } = new();

    /// <summary>Stands in <see cref="From"/> for the enhancer that is in use when the run begins.</summary>
    public const string FromCurrent = "current";

    /// <summary>The enhancer whose weights the run starts from, "name@version" or "current": its network is this one, or a narrower one. Null starts at random.</summary>
    public string? From { get; init; }

    /// <summary>What is minimised.</summary>
    public LossOptions Losses { get; init; } = new();

    /// <summary>How the recogniser looks at a super-resolved face.</summary>
    public ViewOptions View { get; init; } = new();

    internal override double PersonShare => Losses.PersonShare;

    /// <inheritdoc/>
    public override INetwork CreateNetwork() => new UNet(Network);

    private protected override IEnumerable<string> Problems()
    {
        if (Network.Width is < 1 or > 256)
            yield return $"network.width {Network.Width} is not in 1-256";
        if (Network.Dropout is not (>= 0 and < 1))
            yield return $"network.dropout {Network.Dropout} is not in 0 to below 1";
        if (!(Losses.Pixel >= 0 && Losses.Identity >= 0 && Losses.Perceptual >= 0 && Losses.Contrast >= 0 && Losses.Bottleneck >= 0))
            yield return "a loss weight is negative";
    }
}
