namespace IpuNet.Training.Evaluation.Metrics;

/// <summary>One operating point.</summary>
/// <param name="Threshold">The score from which a pair is accepted.</param>
/// <param name="Far">False accept rate: the share of impostor pairs that are accepted, 0 to 1.</param>
/// <param name="Tar">True accept rate: the share of genuine pairs that are accepted, 0 to 1.</param>
public readonly record struct RocPoint(float Threshold, double Far, double Tar);

/// <summary>
/// The receiver operating characteristic (ROC) of a set of scores. It has one point for each distinct score. So equal scores are accepted
/// or refused together, as a threshold does (Fawcett, "An introduction to ROC analysis", 2006, algorithm 1).
/// </summary>
public sealed class RocCurve
{
    private RocCurve(RocPoint[] points, int genuineCount, int impostorCount)
    {
        Points = points;
        GenuineCount = genuineCount;
        ImpostorCount = impostorCount;
    }

    /// <summary>
    /// The points by falling threshold. The first is (0, 0) with the threshold +infinity: nothing is accepted. The last is (1, 1).
    /// </summary>
    public IReadOnlyList<RocPoint> Points { get; }

    /// <summary>Number of genuine pairs.</summary>
    public int GenuineCount { get; }

    /// <summary>Number of impostor pairs.</summary>
    public int ImpostorCount { get; }

    /// <summary>Makes the curve.</summary>
    /// <exception cref="ArgumentException">There are no genuine or no impostor scores, or a score is not a number.</exception>
    public static RocCurve From(ReadOnlySpan<float> genuine, ReadOnlySpan<float> impostor)
    {
        float[] g = Sorted(genuine, nameof(genuine));
        float[] i = Sorted(impostor, nameof(impostor));
        var points = new List<RocPoint>(g.Length + i.Length + 1) { new(float.PositiveInfinity, 0, 0) };
        int accepted = 0, falselyAccepted = 0;
        while (accepted < g.Length || falselyAccepted < i.Length)
        {
            float threshold = MathF.Max(Next(g, accepted), Next(i, falselyAccepted));
            while (accepted < g.Length && Next(g, accepted) >= threshold)
                accepted++;
            while (falselyAccepted < i.Length && Next(i, falselyAccepted) >= threshold)
                falselyAccepted++;
            points.Add(new(threshold, (double)falselyAccepted / i.Length, (double)accepted / g.Length));
        }

        return new([.. points], g.Length, i.Length);
    }

    /// <summary>Makes the curve.</summary>
    public static RocCurve From(VerificationScores scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return From(scores.Genuine, scores.Impostor);
    }

    /// <summary>
    /// Area under the curve (AUC) by trapezoids, 0 to 1. It is the probability that a genuine pair scores above an impostor pair, where
    /// equal scores count half (the Mann-Whitney statistic).
    /// </summary>
    public double Area()
    {
        double area = 0;
        for (int i = 1; i < Points.Count; i++)
            area += (Points[i].Far - Points[i - 1].Far) * (Points[i].Tar + Points[i - 1].Tar) / 2;
        return area;
    }

    /// <summary>
    /// The operating point with the highest TAR of all with at most the given FAR. Nothing is interpolated. With fewer than
    /// 1 / <paramref name="far"/> impostor pairs, no false accept is allowed.
    /// </summary>
    /// <param name="far">The highest allowed FAR, 0 to 1.</param>
    public RocPoint AtFar(double far)
    {
        int allowed = FarThreshold.Allowed(ImpostorCount, far);
        RocPoint best = Points[0];
        foreach (var point in Points)
        {
            if (Math.Round(point.Far * ImpostorCount) > allowed)
                break;
            best = point;
        }

        return best;
    }

    /// <summary>
    /// The same curve with fewer points, for drawing. It leaves out the points inside a level or an upright line, so the shape is the same.
    /// </summary>
    public IReadOnlyList<(double Far, double Tar)> Corners()
    {
        var corners = new List<(double Far, double Tar)>();
        foreach (var point in Points)
        {
            if (corners.Count >= 2 && InLine(corners[^2], corners[^1], point))
                corners.RemoveAt(corners.Count - 1);
            corners.Add((point.Far, point.Tar));
        }

        return corners;
    }

    private static bool InLine((double Far, double Tar) a, (double Far, double Tar) b, RocPoint c) =>
        (a.Far == b.Far && b.Far == c.Far) || (a.Tar == b.Tar && b.Tar == c.Tar);

    private static float Next(float[] ascending, int taken) =>
        taken < ascending.Length ? ascending[ascending.Length - 1 - taken] : float.NegativeInfinity;

    private static float[] Sorted(ReadOnlySpan<float> scores, string name)
    {
        if (scores.IsEmpty)
            throw new ArgumentException("A ROC curve needs at least one genuine and one impostor score.", name);
        float[] sorted = scores.ToArray();
        Array.Sort(sorted);

        // Array.Sort puts NaN first.
        return float.IsNaN(sorted[0]) ? throw new ArgumentException("A score is not a number.", name) : sorted;
    }
}
