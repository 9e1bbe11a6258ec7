using IpuNet.Training.Data;

namespace IpuNet.Retraining.Preparation;

/// <summary>Faces that are fit to learn from, and what became of the others.</summary>
/// <param name="Faces">Aligned faces with their identities, in the order of the images.</param>
/// <param name="Duplicates">Images that show what another image of the same person shows.</param>
/// <param name="Refused">How many images were refused, by category: "ambiguous" (given for two people), "no-face", "several-faces", "too-small", "unreadable".</param>
public sealed record PreparedFaces(IReadOnlyList<TrainingFace> Faces, int Duplicates, IReadOnlyDictionary<string, int> Refused)
{
    /// <summary>How many people there are.</summary>
    public int Identities => Faces.Select(face => face.Identity).Distinct(StringComparer.Ordinal).Count();
}
