namespace IpuNet.Training.Evaluation.Metrics;

/// <summary>
/// The scores of every probe against every subject of a gallery, parted into genuine and impostor. So many impostors make
/// small false accept rate (FAR)s measurable: a thousand probes and a thousand subjects give a million.
/// </summary>
public sealed class CrossScores
{
    private readonly float[][] _impostorsByProbe;
    private readonly float[] _impostors;

    private CrossScores(float[] genuine, int[] people, float[][] impostorsByProbe, int[] probePeople)
    {
        Genuine = genuine;
        People = people;
        ProbePeople = probePeople;
        _impostorsByProbe = impostorsByProbe;
        _impostors = [.. impostorsByProbe.SelectMany(scores => scores)];
        Array.Sort(_impostors);
    }

    /// <summary>The score of each mated probe against its own subject.</summary>
    public IReadOnlyList<float> Genuine { get; }

    /// <summary>The person of each genuine score, for resampling people instead of probes.</summary>
    public IReadOnlyList<int> People { get; }

    /// <summary>The person of each probe, mated or not.</summary>
    public IReadOnlyList<int> ProbePeople { get; }

    /// <summary>How many impostor scores there are.</summary>
    public int ImpostorCount => _impostors.Length;

    /// <summary>Parts the scores.</summary>
    /// <param name="scores">[probes][subjects].</param>
    /// <param name="mates">The subject of each probe, an index into its row; null for a probe whose person is not in the gallery.</param>
    /// <exception cref="ArgumentException">There is no genuine or no impostor score.</exception>
    public static CrossScores Part(IReadOnlyList<float[]> scores, IReadOnlyList<int?> mates)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(mates);
        int[] mated = [.. Enumerable.Range(0, scores.Count).Where(i => mates[i] is not null)];
        var parted = new CrossScores(
            [.. mated.Select(i => scores[i][mates[i]!.Value])],
            [.. mated.Select(i => mates[i]!.Value)],
            [.. scores.Select((row, i) => row.Where((_, subject) => subject != mates[i]).ToArray())],
            [.. Enumerable.Range(0, scores.Count).Select(i => mates[i] ?? -1 - i)]);
        return parted.Genuine.Count > 0 && parted.ImpostorCount > 0
            ? parted
            : throw new ArgumentException(
                "There must be a probe with its own subject in the gallery, and a second subject.", nameof(mates));
    }

    /// <summary>The threshold for a false accept rate (FAR) on these impostors.</summary>
    public float ThresholdAt(double far) => FarThreshold.Of(_impostors, far);

    /// <summary>For each genuine score 1 if a threshold accepts it, else 0; the mean is TAR.</summary>
    public double[] AcceptedAt(float threshold) => [.. Genuine.Select(score => score >= threshold ? 1.0 : 0)];

    /// <summary>For each probe the share of its impostor scores that a threshold accepts; the mean is FAR.</summary>
    public double[] FalselyAcceptedAt(float threshold) =>
        [.. _impostorsByProbe.Select(scores => (double)scores.Count(score => score >= threshold) / Math.Max(1, scores.Length))];

    /// <summary>
    /// For each genuine score the share of impostor scores below it, ties counting half; the mean is the area under the ROC curve.
    /// </summary>
    public double[] Placements() =>
        [.. Genuine.Select(score => (Below(score) + Below(MathF.BitIncrement(score))) / (2.0 * _impostors.Length))];

    // How many impostor scores are lower than a score.
    private int Below(float score)
    {
        int low = 0, high = _impostors.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_impostors[middle] < score)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
