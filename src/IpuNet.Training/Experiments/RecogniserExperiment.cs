using IpuNet.Faces;
using IpuNet.Faces.Networks;
using IpuNet.Training.Losses;

namespace IpuNet.Training.Experiments;

/// <summary>
/// A run that trains a FaceNet by distillation (Hinton et al. 2015): shown a face, of one of the degradation's sizes, it learns the
/// embedding that the frozen recogniser has of the same face at full size.
/// </summary>
public sealed record RecogniserExperiment : Experiment
{
    /// <summary>The network that learns; its embeddings are as long as the frozen recogniser's.</summary>
    public required InceptionResNetOptions Student { get; init; }

    /// <summary>What is minimised.</summary>
    public IdentityLossOptions Losses { get; init; } = new() { IdentityKind = IdentityDistance.Cosine };

    internal override double PersonShare => Losses.PersonShare;

    /// <inheritdoc/>
    public override INetwork CreateNetwork() => NetworkCatalogue.Create(new InceptionResNetV1(Student).Architecture);

    private protected override IEnumerable<string> Problems()
    {
        string? problem = null;
        try
        {
            CreateNetwork();
        }
        catch (FaceDataException e)
        {
            problem = $"student: {e.Message.TrimEnd('.')}";
        }
        if (problem is not null)
            yield return problem;
        if (Losses is { Identity: 0, Contrast: 0 })
            yield return "losses.identity and losses.contrast are both 0: one of them has to be above";
    }
}
