namespace IpuNet.Training.Evaluation.Metrics;

/// <summary>The outcome of searching the gallery for a probe whose subject is enrolled.</summary>
/// <param name="Rank">
/// 1 if no other subject scored as high as the probe's own; else one more than the number that did. A tie counts against us.
/// </param>
/// <param name="MateScore">The score of the probe's own subject.</param>
public readonly record struct MatedSearch(int Rank, float MateScore);

/// <summary>A detection-and-identification rate at a false-alarm rate.</summary>
/// <param name="Threshold">The answer is "unknown" below this score.</param>
/// <param name="Far">The share of probes without a mate for which a subject is named all the same, 0 to 1.</param>
/// <param name="Detected">How many probes with a mate were named rightly: rank 1, at or above the threshold.</param>
/// <param name="Mated">How many probes have a mate.</param>
public sealed record OpenSetPoint(float Threshold, double Far, int Detected, int Mated)
{
    /// <summary>The detection-and-identification rate, 0 to 1.</summary>
    public double Dir => (double)Detected / Mated;
}

/// <summary>
/// Identification (1:N) against a gallery with one embedding per subject. Definitions of Phillips, Grother and Micheals,
/// "Evaluation methods in face recognition" (NIST; Handbook of Face Recognition, chapter 14): cumulative match
/// characteristic for the closed set, detection-and-identification rate at a false-alarm rate for the open set.
/// </summary>
public static class Identification
{
    /// <summary>The outcome of a search by its scores.</summary>
    /// <param name="scores">The probe's score against each subject of the gallery.</param>
    /// <param name="mate">The index of the probe's own subject.</param>
    public static MatedSearch Search(ReadOnlySpan<float> scores, int mate)
    {
        int rank = 1;
        for (int i = 0; i < scores.Length; i++)
        {
            if (i != mate && scores[i] >= scores[mate])
                rank++;
        }

        return new(rank, scores[mate]);
    }

    /// <summary>The cumulative match characteristic at rank k: how many searches found their mate among the first k.</summary>
    public static int WithinRank(IReadOnlyList<MatedSearch> searches, int k)
    {
        ArgumentNullException.ThrowIfNull(searches);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return searches.Count(s => s.Rank <= k);
    }

    /// <summary>
    /// Open set: the threshold is the lowest at which at most a share <paramref name="far"/> of the probes without a mate are
    /// named; at it the rate of probes with a mate that are named, and named rightly.
    /// </summary>
    /// <param name="mated">Searches of probes with a mate; at least one.</param>
    /// <param name="nonMatedTopScores">Top scores of the probes without a mate; at least one.</param>
    /// <param name="far">The false-alarm rate, 0 to 1.</param>
    public static OpenSetPoint DirAtFar(IReadOnlyList<MatedSearch> mated, ReadOnlySpan<float> nonMatedTopScores, double far)
    {
        ArgumentNullException.ThrowIfNull(mated);
        ArgumentOutOfRangeException.ThrowIfZero(mated.Count, nameof(mated));
        float threshold = FarThreshold.Of(nonMatedTopScores, far);
        int alarms = 0;
        foreach (float score in nonMatedTopScores)
            alarms += score >= threshold ? 1 : 0;
        int detected = mated.Count(s => s.Rank == 1 && s.MateScore >= threshold);
        return new(threshold, (double)alarms / nonMatedTopScores.Length, detected, mated.Count);
    }
}
