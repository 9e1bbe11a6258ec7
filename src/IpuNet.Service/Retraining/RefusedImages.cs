using System.Collections.Concurrent;

namespace IpuNet.Service.Retraining;

/// <summary>How many images are refused, by category: no name of an image says whom it shows.</summary>
internal sealed class RefusedImages
{
    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);

    public void Add(string category) => _counts.AddOrUpdate(category, 1, (_, count) => count + 1);

    public IReadOnlyDictionary<string, int> ToDictionary() => new SortedDictionary<string, int>(_counts, StringComparer.Ordinal);
}
