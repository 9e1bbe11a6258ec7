namespace IpuNet.Training.Evaluation.Metrics;

/// <summary>The outcome of a search for a probe whose subject is enrolled.</summary>
/// <param name="Rank">
/// 1 plus the number of other subjects that score at least as high as the probe's own subject. So a tie makes the rank worse.
/// </param>
/// <param name="MateScore">The score of the probe's own subject.</param>
public readonly record struct MatedSearch(int Rank, float MateScore);

/// <summary>A detection-and-identification rate at a false positive identification rate (FPIR).</summary>
/// <param name="Threshold">The score from which a probe gets a name.</param>
/// <param name="Fpir">The FPIR: the share of probes without a subject that get a name, 0 to 1.</param>
/// <param name="Detected">Number of mated probes that get the right name: rank 1, and a score of at least the threshold.</param>
/// <param name="Mated">Number of mated probes: those whose subject is enrolled.</param>
public sealed record OpenSetPoint(float Threshold, double Fpir, int Detected, int Mated)
{
    /// <summary>The detection-and-identification rate, 0 to 1.</summary>
    public double Dir => (double)Detected / Mated;
}

/// <summary>
/// Identification (1:N) in a gallery with one embedding per subject. The definitions are those of Phillips, Grother and Micheals,
/// "Evaluation methods in face recognition" (NIST; Handbook of Face Recognition, chapter 14). The closed set has a cumulative match
/// characteristic. The open set has a detection-and-identification rate at an FPIR, which they call the false-alarm rate.
/// </summary>
public static class Identification
{
    /// <summary>The outcome of one search.</summary>
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

    /// <summary>
    /// The number of searches that find the probe's own subject among the first k. Its share is the cumulative match characteristic.
    /// </summary>
    public static int WithinRank(IReadOnlyList<MatedSearch> searches, int k)
    {
        ArgumentNullException.ThrowIfNull(searches);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return searches.Count(s => s.Rank <= k);
    }

    /// <summary>
    /// The detection-and-identification rate at an FPIR. The threshold is the lowest at which at most the share <paramref name="fpir"/> of
    /// the probes without a subject get a name.
    /// </summary>
    /// <param name="mated">Searches for probes whose subject is enrolled; at least one.</param>
    /// <param name="nonMatedTopScores">The highest score of each probe whose subject is not enrolled; at least one.</param>
    /// <param name="fpir">The FPIR, 0 to 1.</param>
    public static OpenSetPoint DirAtFpir(IReadOnlyList<MatedSearch> mated, ReadOnlySpan<float> nonMatedTopScores, double fpir)
    {
        ArgumentNullException.ThrowIfNull(mated);
        ArgumentOutOfRangeException.ThrowIfZero(mated.Count, nameof(mated));
        float threshold = FarThreshold.Of(nonMatedTopScores, fpir);
        int alarms = 0;
        foreach (float score in nonMatedTopScores)
            alarms += score >= threshold ? 1 : 0;
        int detected = mated.Count(s => s.Rank == 1 && s.MateScore >= threshold);
        return new(threshold, (double)alarms / nonMatedTopScores.Length, detected, mated.Count);
    }
}
