namespace IpuNet.Training.Evaluation.Metrics;

/// <summary>The scores of a verification experiment. The higher a score, the more alike are the two faces.</summary>
/// <param name="Genuine">Scores of pairs of one person.</param>
/// <param name="Impostor">Scores of pairs of two people.</param>
public sealed record VerificationScores(float[] Genuine, float[] Impostor)
{
    /// <summary>The scores of several experiments together.</summary>
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

/// <summary>The threshold for a false accept rate (FAR), from impostor scores alone.</summary>
public static class FarThreshold
{
    /// <summary>
    /// The lowest threshold with a FAR of at most <paramref name="far"/> on these scores. A threshold accepts the scores at or above it.
    /// Genuine scores have no influence on it.
    /// </summary>
    /// <param name="impostor">Scores of pairs of two people, in any order; at least one.</param>
    /// <param name="far">The highest allowed FAR, 0 to 1.</param>
    /// <returns>The threshold; negative infinity if all scores may be accepted.</returns>
    /// <exception cref="ArgumentException">There are no scores.</exception>
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

    /// <summary>Whether there are enough impostor scores to measure a FAR: at least one of them may be accepted.</summary>
    public static bool IsMeasurable(int impostors, double far) => Allowed(impostors, far) >= 1;

    /// <summary>The number of impostor scores that may be accepted at a FAR.</summary>
    internal static int Allowed(int impostors, double far)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(far);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(far, 1);

        // 0.29 * 100 is 28.999999999999996 in floating point, but 29 is meant.
        return (int)Math.Floor(far * impostors + 1e-9);
    }
}
