namespace IpuNet.Faces.Recognition;

/// <summary>What is done with the faces of one resolution band.</summary>
/// <param name="Band">The band.</param>
/// <param name="Enhance">Whether faces are super-resolved before recognition: true only where that was measured to help.</param>
/// <param name="Threshold">Cosine similarity from which a match counts as known, in [-1, 1].</param>
/// <param name="ThresholdOtherwise">The same for faces that are treated the other way, on request; null where it was not measured.</param>
public sealed record BandPolicy(ResolutionBand Band, bool Enhance, float Threshold, float? ThresholdOtherwise = null)
{
    /// <summary>How scores were spread at the calibration; null where that was not noted.</summary>
    public ExpectedScores? Expected { get; init; }

    /// <summary>The threshold for faces that were super-resolved, or for those that were not.</summary>
    /// <exception cref="FaceDataException">It was not measured.</exception>
    public float ThresholdFor(bool enhanced) => enhanced == Enhance
        ? Threshold
        : ThresholdOtherwise ?? throw new FaceDataException(
            $"The recognition policy has no threshold for faces of the band '{Band}' {(enhanced ? "with" : "without")} super-resolution: "
            + "let the policy choose, or calibrate anew with `ipunet evaluate --write-policy`.");
}
