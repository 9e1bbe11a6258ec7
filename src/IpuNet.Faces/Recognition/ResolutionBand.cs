namespace IpuNet.Faces.Recognition;

/// <summary>
/// A range of face heights in the source image, in pixels. Everything about recognition is reported and decided per band,
/// because a score means something else on a face of 10 px than on one of 100.
/// </summary>
/// <param name="Name">What the band is called in manifests and results: <c>"&lt;12"</c>, <c>"12-19"</c> ... <c>"&gt;=96"</c>.</param>
/// <param name="MinHeight">Smallest whole height in the band, pixels.</param>
/// <param name="MaxHeight">Largest whole height in the band, pixels; null where there is no upper end.</param>
public sealed record ResolutionBand(string Name, int MinHeight, int? MaxHeight)
{
    /// <summary>All bands, smallest faces first. They leave no gap and do not overlap.</summary>
    public static IReadOnlyList<ResolutionBand> All { get; } =
    [
        new("<12", 0, 11),
        new("12-19", 12, 19),
        new("20-31", 20, 31),
        new("32-47", 32, 47),
        new("48-95", 48, 95),
        new(">=96", 96, null),
    ];

    /// <summary>The band of a face. A height between two whole pixels counts as the lower one: 11.9 is less than 12.</summary>
    /// <param name="faceHeightPixels">Height of the aligned face's square in the source image, pixels; positive and finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">The height is not a positive finite number.</exception>
    public static ResolutionBand Of(float faceHeightPixels)
    {
        if (!(faceHeightPixels > 0 && float.IsFinite(faceHeightPixels)))
            throw new ArgumentOutOfRangeException(nameof(faceHeightPixels), faceHeightPixels, "A face's height is a positive number of pixels.");

        return All.Last(band => faceHeightPixels >= band.MinHeight);
    }

    /// <summary>The band of that name.</summary>
    /// <returns>Null where no band is called so.</returns>
    public static ResolutionBand? Named(string name) => All.FirstOrDefault(band => band.Name == name);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
