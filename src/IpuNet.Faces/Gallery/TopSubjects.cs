using IpuNet.Contract;

namespace IpuNet.Faces.Gallery;

/// <summary>The best subjects so far for one query: highest score first, equal scores by id. Not thread-safe.</summary>
/// <param name="capacity">Greatest number of subjects, at least 1.</param>
internal sealed class TopSubjects(int capacity)
{
    private readonly (float Score, string Id)[] _best = new (float, string)[capacity];
    private int _count;
    private string? _last;

    /// <summary>The lowest score that can enter.</summary>
    public float Floor { get; private set; } = float.NegativeInfinity;

    /// <summary>
    /// Offers the score of one embedding. A subject is kept once, with its best score. The embeddings of a subject must be offered one
    /// after the other: only the last subject is checked for being there already.
    /// </summary>
    public void Offer(string id, float score)
    {
        if (_count == capacity && !Precedes(score, id, _best[^1]))
            return;
        if (ReferenceEquals(id, _last) && !Withdraw(id, score))
            return;

        _last = id;
        var at = _count < capacity ? _count++ : _count - 1;
        for (; at > 0 && Precedes(score, id, _best[at - 1]); at--)
            _best[at] = _best[at - 1];
        _best[at] = (score, id);
        Floor = _count == capacity ? _best[^1].Score : float.NegativeInfinity;
    }

    /// <summary>Offers the subjects of another selection. The two must have no subject in common.</summary>
    public void OfferAll(TopSubjects other)
    {
        foreach (var (score, id) in other._best.AsSpan(0, other._count))
            Offer(id, score);
    }

    /// <summary>The subjects, best first.</summary>
    public IReadOnlyList<GalleryMatch> ToMatches() =>
        [.. _best.Take(_count).Select(entry => new GalleryMatch(entry.Id, entry.Score))];

    private static bool Precedes(float score, string id, (float Score, string Id) other) =>
        score > other.Score || (score == other.Score && string.CompareOrdinal(id, other.Id) < 0);

    // Removes the subject if its score is lower. Returns false if it is there with a score at least as good.
    private bool Withdraw(string id, float score)
    {
        var at = Array.FindIndex(_best, 0, _count, entry => ReferenceEquals(entry.Id, id));
        if (at < 0)
            return true;
        if (_best[at].Score >= score)
            return false;

        Array.Copy(_best, at + 1, _best, at, --_count - at);
        return true;
    }
}
