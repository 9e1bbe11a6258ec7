namespace IpuNet.Training.Data;

/// <summary>The faces to learn from, and people kept out of them for validation: two images each, probe and gallery.</summary>
/// <param name="Training">Faces to learn from.</param>
/// <param name="Validation">Pairs of images of one person, none of whom is in training.</param>
public sealed record FaceSplit(IReadOnlyList<TrainingFace> Training, IReadOnlyList<(TrainingFace Probe, TrainingFace Gallery)> Validation)
{
    /// <summary>Splits by identity.</summary>
    /// <param name="faces">All faces.</param>
    /// <param name="people">How many people to keep out; fewer where fewer have two images.</param>
    /// <param name="seed">Decides who.</param>
    public static FaceSplit Create(IReadOnlyList<TrainingFace> faces, int people, int seed)
    {
        TrainingFace[][] several = [.. faces.Where(f => f.Identity is not null).GroupBy(f => f.Identity).Where(g => g.Count() >= 2).Select(g => g.ToArray())];
        new Random(seed).Shuffle(several);
        TrainingFace[][] kept = [.. several.Take(Math.Min(people, several.Length / 2))];
        HashSet<string?> identities = [.. kept.Select(g => g[0].Identity)];
        return new FaceSplit(
            [.. faces.Where(f => f.Identity is null || !identities.Contains(f.Identity))],
            [.. kept.Select(g => (g[0], g[1]))]);
    }
}
