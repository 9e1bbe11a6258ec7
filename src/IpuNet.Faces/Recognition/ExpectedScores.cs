namespace IpuNet.Faces.Recognition;

/// <summary>
/// How the scores of enrolled people's faces were spread when a band was calibrated: what a service is to see as long as its images are like
/// those. Of genuine scores that reached the threshold, a tenth is below <see cref="Low"/> and a tenth above <see cref="High"/>.
/// </summary>
/// <param name="Tar">Share of genuine scores that reached the threshold, 0 to 1.</param>
/// <param name="Low">The 10 % quantile of those, a cosine similarity.</param>
/// <param name="Median">Their median.</param>
/// <param name="High">Their 90 % quantile.</param>
public sealed record ExpectedScores(float Tar, float Low, float Median, float High)
{
    // Of fewer, a tenth is nobody.
    private const int LeastScores = 10;

    /// <summary>What is to be expected.</summary>
    /// <param name="genuine">Scores of faces against their own subjects, in any order.</param>
    /// <param name="threshold">The score from which a match counts as known.</param>
    /// <returns>Null where fewer than 10 reach the threshold.</returns>
    public static ExpectedScores? Of(IReadOnlyList<float> genuine, float threshold)
    {
        ArgumentNullException.ThrowIfNull(genuine);
        float[] accepted = [.. genuine.Where(score => score >= threshold).Order()];
        return accepted.Length < LeastScores
            ? null
            : new((float)accepted.Length / genuine.Count, At(0.1f), At(0.5f), At(0.9f));

        float At(float quantile) => accepted[(int)MathF.Round(quantile * (accepted.Length - 1))];
    }

    /// <summary>Where a score lies among those that are expected: "low", "below-median", "above-median" or "high"; a tenth, two fifths, two fifths and a tenth.</summary>
    public string PlaceOf(float score) => score < Low ? "low" : score < Median ? "below-median" : score <= High ? "above-median" : "high";
}
