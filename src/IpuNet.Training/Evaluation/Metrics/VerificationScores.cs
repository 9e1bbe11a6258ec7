namespace IpuNet.Training.Evaluation.Metrics;

/// <summary>The scores of a verification experiment; a higher score says "the same person" more firmly.</summary>
/// <param name="Genuine">Scores of pairs of one person.</param>
/// <param name="Impostor">Scores of pairs of two people.</param>
public sealed record VerificationScores(float[] Genuine, float[] Impostor)
{
    /// <summary>The scores of several experiments as one.</summary>
    public static VerificationScores Union(IEnumerable<VerificationScores> parts)
    {
        var all = parts.ToList();
        return new([.. all.SelectMany(p => p.Genuine)], [.. all.SelectMany(p => p.Impostor)]);
    }

    /// <summary>Mean of the genuine scores.</summary>
    public double MeanGenuine => Genuine.Average(s => (double)s);

    /// <summary>Mean of the impostor scores.</summary>
    public double MeanImpostor => Impostor.Average(s => (double)s);
}
