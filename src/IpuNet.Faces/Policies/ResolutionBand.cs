using IpuNet.Contract;

namespace IpuNet.Faces.Policies;

/// <summary>
/// A resolution band: a range of face heights in the source image. Decisions and reports are per band, because the same score means
/// different things for a face of 10 px and a face of 100 px.
/// </summary>
/// <param name="Name">The band's name in manifests and results: <c>"&lt;12"</c>, <c>"12-19"</c> ... <c>"&gt;=96"</c>.</param>
/// <param name="MinHeight">Smallest integer height in the band, in pixels.</param>
/// <param name="MaxHeight">Largest integer height in the band, in pixels; null if the band has no upper end.</param>
public sealed record ResolutionBand(string Name, int MinHeight, int? MaxHeight)
{
    /// <summary>All bands, smallest faces first. They have no gaps and do not overlap.</summary>
    public static IReadOnlyList<ResolutionBand> All { get; } =
        [.. BandName.LeastHeights.Select((least, i) => new ResolutionBand(BandName.All[i], least, MostOf(i)))];

    /// <summary>The band of a face. Heights are rounded down: 11.9 px is in the band below 12 px.</summary>
    /// <param name="faceHeightPixels">Height of the aligned face's square in the source image in pixels, above 0 and finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">The height is not above 0 and finite.</exception>
    public static ResolutionBand Of(float faceHeightPixels)
    {
        if (!(faceHeightPixels > 0 && float.IsFinite(faceHeightPixels)))
            throw new ArgumentOutOfRangeException(
                nameof(faceHeightPixels), faceHeightPixels, "A face's height must be a positive, finite number of pixels.");

        return All.Last(band => faceHeightPixels >= band.MinHeight);
    }

    /// <summary>The band with this name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The band; null if there is none with this name.</returns>
    public static ResolutionBand? Named(string name) => All.FirstOrDefault(band => band.Name == name);

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static int? MostOf(int i) => i + 1 < BandName.LeastHeights.Count ? BandName.LeastHeights[i + 1] - 1 : null;
}

/// <summary>The policy for the faces of one resolution band.</summary>
/// <param name="Band">The band.</param>
/// <param name="Enhance">Whether faces are super-resolved before recognition. True only if measurements showed a gain.</param>
/// <param name="Threshold">The lowest score of a match: a cosine similarity in [-1, 1].</param>
/// <param name="ThresholdOtherwise">
/// The threshold for faces that, on request, are treated contrary to <paramref name="Enhance"/>; null if it was not measured.
/// </param>
public sealed record BandPolicy(ResolutionBand Band, bool Enhance, float Threshold, float? ThresholdOtherwise = null)
{
    /// <summary>The distribution of scores at the calibration; null if it was not recorded.</summary>
    public ExpectedScores? Expected { get; init; }

    /// <summary>The threshold for faces with or without super-resolution.</summary>
    /// <param name="enhanced">Whether the face was super-resolved.</param>
    /// <exception cref="FaceDataException">This threshold was not measured.</exception>
    public float ThresholdFor(bool enhanced) => enhanced == Enhance
        ? Threshold
        : ThresholdOtherwise ?? throw new FaceDataException(
            $"The recognition policy has no threshold for faces of the band '{Band}' {(enhanced ? "with" : "without")} super-resolution. "
            + "Let the policy choose, or calibrate again with `ipunet evaluate --write-policy`.");
}

/// <summary>
/// The distribution of genuine scores (faces against their own subjects) at the calibration of a band. A service sees the same distribution
/// as long as its images are like those of the calibration. Of the scores that reached the threshold, a tenth is below <see cref="Low"/>
/// and a tenth above <see cref="High"/>.
/// </summary>
/// <param name="Tar">Share of genuine scores that reached the threshold, 0 to 1.</param>
/// <param name="Low">10 % quantile of the scores that reached the threshold, a cosine similarity.</param>
/// <param name="Median">Median of these scores.</param>
/// <param name="High">90 % quantile of these scores.</param>
public sealed record ExpectedScores(float Tar, float Low, float Median, float High)
{
    // With fewer scores there is no tenth.
    private const int LeastScores = 10;

    /// <summary>Computes the distribution of genuine scores.</summary>
    /// <param name="genuine">Scores of faces against their own subjects, in any order.</param>
    /// <param name="threshold">The lowest score of a match.</param>
    /// <returns>The distribution; null if fewer than 10 scores reach the threshold.</returns>
    public static ExpectedScores? Of(IReadOnlyList<float> genuine, float threshold)
    {
        ArgumentNullException.ThrowIfNull(genuine);
        float[] accepted = [.. genuine.Where(score => score >= threshold).Order()];
        return accepted.Length < LeastScores
            ? null
            : new((float)accepted.Length / genuine.Count, At(0.1f), At(0.5f), At(0.9f));

        float At(float quantile) => accepted[(int)MathF.Round(quantile * (accepted.Length - 1))];
    }

    /// <summary>
    /// The part of the distribution in which a score lies: "low", "below-median", "above-median" or "high". These parts hold a tenth, two
    /// fifths, two fifths and a tenth of the scores.
    /// </summary>
    /// <param name="score">The score, a cosine similarity.</param>
    public string PlaceOf(float score) => score < Low ? "low" : score < Median ? "below-median" : score <= High ? "above-median" : "high";
}
