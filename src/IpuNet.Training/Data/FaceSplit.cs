namespace IpuNet.Training.Data;

/// <summary>The faces to train on, and people who are kept apart for validation.</summary>
/// <param name="Training">Faces to train on.</param>
/// <param name="Validation">Two images of each person who is kept apart. No image of these people is trained on.</param>
public sealed record FaceSplit(IReadOnlyList<TrainingFace> Training, IReadOnlyList<(TrainingFace Probe, TrainingFace Gallery)> Validation)
{
    /// <summary>Chooses the people for validation at random.</summary>
    /// <param name="faces">All faces.</param>
    /// <param name="people">Number of people for validation. At most half of the people with two images are taken.</param>
    /// <param name="seed">Seed of the choice.</param>
    public static FaceSplit Create(IReadOnlyList<TrainingFace> faces, int people, int seed)
    {
        var withTwoImages = faces.Where(f => f.Identity is not null).GroupBy(f => f.Identity).Where(g => g.Count() >= 2);
        TrainingFace[][] several = [.. withTwoImages.Select(g => g.ToArray())];
        new Random(seed).Shuffle(several);
        TrainingFace[][] kept = [.. several.Take(Math.Min(people, several.Length / 2))];
        HashSet<string?> identities = [.. kept.Select(g => g[0].Identity)];
        return new FaceSplit(
            [.. faces.Where(f => f.Identity is null || !identities.Contains(f.Identity))],
            [.. kept.Select(g => (g[0], g[1]))]);
    }
}
