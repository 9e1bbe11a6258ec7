using IpuNet.Contract;
using IpuNet.Faces.Gallery;

namespace IpuNet.Faces.Tests.Gallery;

/// <summary>The plain definition of the search, in double precision.</summary>
internal static class NaiveSearch
{
    /// <summary>The allowed error of single precision.</summary>
    public const double Tolerance = 2e-6;

    public static Dictionary<string, double> Scores(IEnumerable<SubjectRecord> subjects, float[] query) =>
        subjects.ToDictionary(subject => subject.SubjectId, subject => subject.Embeddings.Max(embedding => Dot(embedding.Vector, query)));

    /// <summary>
    /// Checks matches against the definition: the right number of distinct subjects, the right scores, in order. No missing subject may
    /// have a better score than the last match, apart from rounding.
    /// </summary>
    public static void ShouldBeTheBest(
        this IReadOnlyList<GalleryMatch> matches, IReadOnlyCollection<SubjectRecord> subjects, float[] query, int count)
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
