using IpuNet.Faces.Gallery;

namespace IpuNet.Faces.Recognition;

/// <summary>Whether a probe is one of the gallery's subjects, and the rule that said so.</summary>
/// <param name="Subject">The subject that the probe is taken for; null for an unknown one.</param>
/// <param name="Band">The resolution band of the probe, which picked the threshold.</param>
/// <param name="Threshold">Cosine similarity that the best match had to reach, in [-1, 1].</param>
/// <param name="Far">False accept rate that the threshold was calibrated for, in (0, 1).</param>
/// <param name="Matches">The candidates, best first, known or not.</param>
public sealed record MatchDecision(
    GalleryMatch? Subject, ResolutionBand Band, float Threshold, double Far, IReadOnlyList<GalleryMatch> Matches)
{
    /// <summary>True for a known subject, false for "unknown".</summary>
    public bool IsKnown => Subject is not null;

    /// <summary>Decides by the threshold of the probe's band: a best score that reaches it is known, a lower one or none is unknown.</summary>
    /// <param name="matches">Candidates from the gallery, in any order; may be empty.</param>
    /// <param name="policy">The policy whose thresholds were calibrated with the recogniser that gave the scores.</param>
    /// <param name="faceHeightPixels">Height of the aligned face's square in the source image, pixels; positive and finite.</param>
    /// <param name="enhanced">Whether the probe was super-resolved; null where the policy chose.</param>
    /// <exception cref="ArgumentOutOfRangeException">The height is not a positive finite number.</exception>
    /// <exception cref="FaceDataException">The probe was treated in a way that the policy has no threshold for.</exception>
    public static MatchDecision Of(IReadOnlyList<GalleryMatch> matches, RecognitionPolicy policy, float faceHeightPixels, bool? enhanced = null)
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
