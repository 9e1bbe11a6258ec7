namespace IpuNet.Training.Evaluation.Metrics;

/// <summary>An accuracy and the threshold that gives it.</summary>
/// <param name="Threshold">The score from which a pair is accepted.</param>
/// <param name="Accuracy">The share of all pairs that are decided rightly, 0 to 1.</param>
public readonly record struct ThresholdAccuracy(float Threshold, double Accuracy);

/// <summary>The figures that LFW's View 2 asks for.</summary>
/// <param name="Mean">Mean accuracy over the folds, 0 to 1.</param>
/// <param name="StandardError">
/// Standard error of the mean: the sample standard deviation over the folds, divided by the square root of their number.
/// </param>
/// <param name="Folds">The accuracy of each fold.</param>
public sealed record CrossValidatedAccuracy(double Mean, double StandardError, IReadOnlyList<double> Folds);

/// <summary>Accuracy of a threshold that decides if two images show the same person.</summary>
public static class VerificationAccuracy
{
    /// <summary>The number of pairs that a threshold decides rightly.</summary>
    public static int CorrectAt(VerificationScores scores, float threshold)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return scores.Genuine.Count(s => s >= threshold) + scores.Impostor.Count(s => s < threshold);
    }

    /// <summary>The share of pairs that a threshold decides rightly, 0 to 1.</summary>
    public static double At(VerificationScores scores, float threshold) =>
        (double)CorrectAt(scores, threshold) / (scores.Genuine.Length + scores.Impostor.Length);

    /// <summary>
    /// The best accuracy that a threshold reaches on these scores. It is optimistic, because the threshold is chosen on them. The
    /// threshold lies half way between two neighbouring scores. If several are equally good, it is the highest.
    /// </summary>
    public static ThresholdAccuracy Best(VerificationScores scores)
    {
        var roc = RocCurve.From(scores);
        double best = -1;
        int at = 0;
        for (int i = 0; i < roc.Points.Count; i++)
        {
            double correct = roc.Points[i].Tar * roc.GenuineCount + (1 - roc.Points[i].Far) * roc.ImpostorCount;
            if (correct > best + 1e-6)
                (best, at) = (correct, i);
        }

        return new(Between(roc.Points, at), best / (roc.GenuineCount + roc.ImpostorCount));
    }

    /// <summary>
    /// LFW's protocol for View 2: each fold is decided by the threshold that is best on all other folds together (Huang et
    /// al., "Labeled Faces in the Wild", 2007, section IV).
    /// </summary>
    /// <param name="folds">The scores of each fold; at least two folds.</param>
    public static CrossValidatedAccuracy CrossValidated(IReadOnlyList<VerificationScores> folds)
    {
        ArgumentNullException.ThrowIfNull(folds);
        ArgumentOutOfRangeException.ThrowIfLessThan(folds.Count, 2, nameof(folds));
        var accuracies = new double[folds.Count];
        for (int i = 0; i < folds.Count; i++)
        {
            var others = VerificationScores.Union(folds.Where((_, other) => other != i));
            accuracies[i] = At(folds[i], Best(others).Threshold);
        }

        double mean = accuracies.Average();
        double variance = accuracies.Sum(a => (a - mean) * (a - mean)) / (accuracies.Length - 1);
        return new(mean, Math.Sqrt(variance / accuracies.Length), accuracies);
    }

    private static float Between(IReadOnlyList<RocPoint> points, int at)
    {
        if (at == 0)
            return MathF.BitIncrement(points[1].Threshold);
        if (at == points.Count - 1)
            return points[at].Threshold;

        // Two neighbouring floats have no middle. The threshold must then not become the lower score, because that is refused.
        float middle = points[at].Threshold / 2 + points[at + 1].Threshold / 2;
        return middle > points[at + 1].Threshold ? middle : points[at].Threshold;
    }
}
