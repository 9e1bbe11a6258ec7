using IpuNet.Contract;
using IpuNet.Faces.Policies;

namespace IpuNet.Faces.Recognition;

/// <summary>The decision whether a probe is a subject of the gallery, and the threshold behind it.</summary>
/// <param name="Subject">The subject, or null if the probe is unknown.</param>
/// <param name="Band">The resolution band of the probe. It gives the threshold.</param>
/// <param name="Threshold">The score that the best match must reach: a cosine similarity in [-1, 1].</param>
/// <param name="Far">The FAR that the threshold was calibrated for, in (0, 1).</param>
/// <param name="Matches">The candidates, best first, whatever the decision.</param>
public sealed record MatchDecision(
    GalleryMatch? Subject, ResolutionBand Band, float Threshold, double Far, IReadOnlyList<GalleryMatch> Matches)
{
    /// <summary>Whether the decision is "known".</summary>
    public bool IsKnown => Subject is not null;

    /// <summary>
    /// Decides by the threshold of the probe's band. The probe is known if the best score reaches the threshold, otherwise unknown.
    /// </summary>
    /// <param name="matches">Candidates from the gallery, in any order. May be empty.</param>
    /// <param name="policy">The policy that was calibrated with the recogniser of the scores.</param>
    /// <param name="faceHeightPixels">Height of the aligned face's square in the source image in pixels, above 0 and finite.</param>
    /// <param name="enhanced">Whether the probe was super-resolved. Null means that the policy decided.</param>
    /// <exception cref="ArgumentOutOfRangeException">The height is not above 0 and finite.</exception>
    /// <exception cref="FaceDataException">
    /// The policy has no threshold for enhanced faces of this band, or for faces that were not enhanced.
    /// </exception>
    public static MatchDecision Of(
        IReadOnlyList<GalleryMatch> matches, RecognitionPolicy policy, float faceHeightPixels, bool? enhanced = null)
    {
        ArgumentNullException.ThrowIfNull(matches);
        ArgumentNullException.ThrowIfNull(policy);
        var band = policy.For(faceHeightPixels);
        float threshold = band.ThresholdFor(enhanced ?? band.Enhance);
        GalleryMatch[] ranked =
            [.. matches.OrderByDescending(match => match.Score).ThenBy(match => match.SubjectId, StringComparer.Ordinal)];
        var best = ranked.FirstOrDefault();
        return new MatchDecision(best?.Score >= threshold ? best : null, band.Band, threshold, policy.Far, ranked);
    }
}
