namespace IpuNet.Training.Evaluation.Metrics;

/// <summary>
/// The scores of every probe against every subject of a gallery, split into genuine and impostor scores. A thousand probes and a thousand
/// subjects give about a million impostor scores. So even a small false accept rate (FAR) can be measured.
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

    /// <summary>The score of each probe whose subject is in the gallery, against that subject.</summary>
    public IReadOnlyList<float> Genuine { get; }

    /// <summary>The person of each genuine score, as a number. Resampling by person needs it.</summary>
    public IReadOnlyList<int> People { get; }

    /// <summary>The person of each probe, as a number. A probe without a subject counts as a person of its own.</summary>
    public IReadOnlyList<int> ProbePeople { get; }

    /// <summary>Number of impostor scores.</summary>
    public int ImpostorCount => _impostors.Length;

    /// <summary>Splits the scores into genuine and impostor scores.</summary>
    /// <param name="scores">The scores, [probes][subjects].</param>
    /// <param name="mates">
    /// The subject of each probe, as an index into its row of scores; null if the person is not in the gallery.
    /// </param>
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
                "The gallery needs the subject of at least one probe, and a second subject.", nameof(mates));
    }

    /// <summary>The threshold for a FAR on these impostor scores; see <see cref="FarThreshold.Of"/>.</summary>
    public float ThresholdAt(double far) => FarThreshold.Of(_impostors, far);

    /// <summary>For each genuine score: 1 if the threshold accepts it, else 0. The mean is the true accept rate (TAR).</summary>
    public double[] AcceptedAt(float threshold) => [.. Genuine.Select(score => score >= threshold ? 1.0 : 0)];

    /// <summary>For each probe: the share of its impostor scores that the threshold accepts. The mean is the FAR.</summary>
    public double[] FalselyAcceptedAt(float threshold) =>
        [.. _impostorsByProbe.Select(scores => (double)scores.Count(score => score >= threshold) / Math.Max(1, scores.Length))];

    /// <summary>
    /// For each genuine score: the share of impostor scores below it. Equal scores count half. The mean is the area under the ROC curve.
    /// </summary>
    public double[] Placements() =>
        [.. Genuine.Select(score => (Below(score) + Below(MathF.BitIncrement(score))) / (2.0 * _impostors.Length))];

    // The number of impostor scores below a score.
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
