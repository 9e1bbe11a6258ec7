using System.Globalization;
using IpuNet.Training.Data;

namespace IpuNet.Retraining.Preparation;

/// <summary>The least that is learned from: of fewer people a network learns these, and no faces.</summary>
/// <param name="Faces">Faces to learn from.</param>
/// <param name="Identities">People to learn from.</param>
/// <param name="Judges">People with at least two images each to calibrate thresholds on, and as many to judge by.</param>
public sealed record RetrainingMinimum(int Faces = 1000, int Identities = 100, int Judges = 10)
{
    /// <summary>What a set lacks.</summary>
    /// <returns>Null where it is large enough.</returns>
    public string? FaultOf(IdentitySplit split)
    {
        ArgumentNullException.ThrowIfNull(split);
        int identities = People(split.Training, atLeast: 1), calibration = People(split.Calibration, atLeast: 2), heldOut = People(split.HeldOut, atLeast: 2);
        string[] lacks =
        [
            .. new[]
            {
                (split.Training.Count, Faces, "faces to learn from"),
                (identities, Identities, "people to learn from"),
                (calibration, Judges, "people with two images to calibrate thresholds on"),
                (heldOut, Judges, "people with two images to judge by"),
            }.Where(part => part.Item1 < part.Item2).Select(part => Text($"{part.Item1:N0} {part.Item3}, and {part.Item2:N0} are needed")),
        ];
        return lacks is [] ? null : $"The set is too small: it has {string.Join("; ", lacks)}. Seven people of ten are learned from, one is for thresholds and two for the judgement; add more people.";
    }

    private static int People(IReadOnlyList<TrainingFace> faces, int atLeast) => faces.GroupBy(face => face.Identity).Count(person => person.Count() >= atLeast);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
