namespace IpuNet.Training.Evaluation.Metrics;

/// <summary>The threshold that keeps false acceptances to a stated rate, from impostor scores alone.</summary>
public static class FarThreshold
{
    /// <summary>
    /// The lowest threshold, accepting scores at or above it, whose false acceptance rate on these scores is at most
    /// <paramref name="far"/>. Genuine scores play no part: on another day they are others.
    /// </summary>
    /// <param name="impostor">Scores of pairs of two people, in any order; at least one.</param>
    /// <param name="far">0 to 1.</param>
    public static float Of(ReadOnlySpan<float> impostor, double far)
    {
        if (impostor.IsEmpty)
            throw new ArgumentException("A threshold for a false acceptance rate needs impostor scores.", nameof(impostor));
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

        // 0.29 * 100 is 28.999999999999996: what is meant as a whole number must be one.
        return (int)Math.Floor(far * impostors + 1e-9);
    }
}
