using System.ComponentModel.DataAnnotations;
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
    [Length(1, 256)]
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
        if (Losses is { Pixel: 0, Identity: 0, Contrast: 0, Perceptual: 0 })
            yield return "losses.pixel, losses.identity, losses.contrast and losses.perceptual are all 0: one of them has to be above";
    }
}
