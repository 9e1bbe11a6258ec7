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

/// <summary>The threshold that keeps false acceptances to a stated rate, from impostor scores alone.</summary>
public static class FarThreshold
{
    /// <summary>
    /// The lowest threshold, accepting scores at or above it, whose false accept rate (FAR) on these scores is at most
    /// <paramref name="far"/>. Genuine scores play no part: on another day they are others.
    /// </summary>
    /// <param name="impostor">Scores of pairs of two people, in any order; at least one.</param>
    /// <param name="far">0 to 1.</param>
    public static float Of(ReadOnlySpan<float> impostor, double far)
    {
        if (impostor.IsEmpty)
            throw new ArgumentException("A threshold for a false accept rate (FAR) needs impostor scores.", nameof(impostor));
        int allowed = Allowed(impostor.Length, far);
        if (allowed == impostor.Length)
            return float.NegativeInfinity;
        float[] sorted = impostor.ToArray();
        Array.Sort(sorted);
        return MathF.BitIncrement(sorted[sorted.Length - 1 - allowed]);
    }

    /// <summary>Whether there are impostors enough for the rate to be seen at all: at least one may be accepted.</summary>
    public static bool IsMeasurable(int impostors, double far) => Allowed(impostors, far) >= 1;

    /// <summary>How many of so many impostors may be accepted at a rate.</summary>
    internal static int Allowed(int impostors, double far)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(far);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(far, 1);

        // 0.29 * 100 is 28.999999999999996, which is meant as 29.
        return (int)Math.Floor(far * impostors + 1e-9);
    }
}
