namespace IpuNet.Faces.Detection;

/// <summary>Keeps the best of boxes that show the same face.</summary>
internal static class NonMaximumSuppression
{
    /// <summary>
    /// Goes through the boxes from the best score down and keeps each that overlaps no kept one by more than the limit.
    /// Equal scores keep the order they came in, so the result never depends on how sorting goes.
    /// </summary>
    /// <param name="boxes">The boxes.</param>
    /// <param name="maximumOverlap">Intersection over union, 0-1.</param>
    /// <param name="maximumCount">How many boxes to keep at most.</param>
    /// <returns>The kept boxes, best first.</returns>
    public static List<ScoredBox> Keep(IEnumerable<ScoredBox> boxes, float maximumOverlap, int maximumCount)
    {
        var kept = new List<ScoredBox>();
        foreach (var candidate in boxes.OrderByDescending(b => b.Score))
        {
            if (kept.Count == maximumCount)
                break;
            if (kept.TrueForAll(k => k.Box.IntersectionOverUnion(candidate.Box) <= maximumOverlap))
                kept.Add(candidate);
        }

        return kept;
    }
}
