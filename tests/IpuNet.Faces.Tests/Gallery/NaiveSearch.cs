using IpuNet.Faces.Gallery;

namespace IpuNet.Faces.Tests.Gallery;

/// <summary>The search as one would define it: double precision, everything sorted.</summary>
internal static class NaiveSearch
{
    /// <summary>What single precision may be off by.</summary>
    public const double Tolerance = 2e-6;

    public static Dictionary<string, double> Scores(IEnumerable<SubjectRecord> subjects, float[] query) =>
        subjects.ToDictionary(subject => subject.SubjectId, subject => subject.Embeddings.Max(embedding => Dot(embedding.Vector, query)));

    /// <summary>
    /// Checks matches against the definition: the right number of distinct subjects, each with its score, in order, and none left out that
    /// is better than the last by more than rounding.
    /// </summary>
    public static void ShouldBeTheBest(this IReadOnlyList<GalleryMatch> matches, IReadOnlyCollection<SubjectRecord> subjects, float[] query, int count)
    {
        var scores = Scores(subjects, query);
        matches.Count.ShouldBe(Math.Min(count, subjects.Count));
        matches.Select(match => match.SubjectId).ShouldBeUnique();
        foreach (var match in matches)
            ((double)match.Score).ShouldBe(scores[match.SubjectId], Tolerance);

        matches.ShouldBe(matches.OrderByDescending(match => match.Score).ThenBy(match => match.SubjectId, StringComparer.Ordinal));
        foreach (var match in matches)
            scores.Remove(match.SubjectId);
        if (matches.Count > 0 && scores.Count > 0)
            scores.Values.Max().ShouldBeLessThanOrEqualTo(matches[^1].Score + Tolerance);
    }

    private static double Dot(float[] a, float[] b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++)
            sum += (double)a[i] * b[i];
        return sum;
    }
}
