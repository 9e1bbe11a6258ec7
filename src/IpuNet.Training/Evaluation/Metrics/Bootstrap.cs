namespace IpuNet.Training.Evaluation.Metrics;

/// <summary>
/// 95 % confidence intervals by resampling with replacement (Efron's percentile interval). The seed is fixed, so the same scores give the
/// same interval. Pairs count as independent. If many pairs share an image, the interval is too narrow.
/// </summary>
public static class Bootstrap
{
    /// <summary>Number of resamplings for an interval. With it, another seed moves the ends by about a twentieth of the width.</summary>
    public const int DefaultResamples = 1000;

    private const int Seed = 20101224;

    /// <summary>Intervals of figures of the ROC curve. Genuine and impostor pairs are resampled separately.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="resamples">Number of resamplings. A 95 % interval needs at least 40.</param>
    /// <param name="statistics">The figures: each computes a number from a curve.</param>
    /// <returns>One interval for each figure.</returns>
    public static ConfidenceInterval[] Intervals(
        VerificationScores scores, int resamples = DefaultResamples, params IReadOnlyList<Func<RocCurve, double>> statistics)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(statistics);
        var random = new Random(Seed);
        var values = statistics.Select(_ => new double[resamples]).ToArray();
        float[] genuine = new float[scores.Genuine.Length], impostor = new float[scores.Impostor.Length];
        for (int i = 0; i < resamples; i++)
        {
            Resample(scores.Genuine, genuine, random);
            Resample(scores.Impostor, impostor, random);
            var roc = RocCurve.From(genuine, impostor);
            for (int s = 0; s < statistics.Count; s++)
                values[s][i] = statistics[s](roc);
        }

        return [.. values.Select(Percentiles)];
    }

    /// <summary>
    /// The mean of values, with its interval. Values belong to groups, such as the probes of one person, and the values of a group are
    /// alike. So whole groups are resampled. To compare two conditions on the same probes, pass the differences.
    /// </summary>
    /// <param name="values">The values.</param>
    /// <param name="groups">The group of each value. The numbers have no meaning but to tell groups apart.</param>
    /// <param name="resamples">Number of resamplings.</param>
    /// <returns>The mean of the values and its interval.</returns>
    public static Measure MeanByGroup(IReadOnlyList<double> values, IReadOnlyList<int> groups, int resamples = DefaultResamples)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(groups);
        if (values.Count == 0 || values.Count != groups.Count)
            throw new ArgumentException(
                $"Each value needs a group, and there must be at least one: {values.Count} values, {groups.Count} groups.", nameof(groups));
        var sums = values.Zip(groups)
            .GroupBy(pair => pair.Second, pair => pair.First)
            .Select(group => (Sum: group.Sum(), Count: group.Count()))
            .ToArray();
        var random = new Random(Seed);
        var means = new double[resamples];
        for (int i = 0; i < resamples; i++)
        {
            double sum = 0;
            int count = 0;
            for (int drawn = 0; drawn < sums.Length; drawn++)
            {
                var group = sums[random.Next(sums.Length)];
                sum += group.Sum;
                count += group.Count;
            }

            means[i] = sum / count;
        }

        return Measure.Of(values.Average(), Percentiles(means));
    }

    private static void Resample(float[] from, float[] to, Random random)
    {
        for (int i = 0; i < to.Length; i++)
            to[i] = from[random.Next(from.Length)];
    }

    private static ConfidenceInterval Percentiles(double[] values)
    {
        Array.Sort(values);
        int tail = (int)(values.Length * (1 - ConfidenceInterval.Level) / 2);
        return new(values[tail], values[^(tail + 1)]);
    }
}
