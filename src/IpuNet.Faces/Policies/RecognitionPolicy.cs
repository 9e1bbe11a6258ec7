using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Contract;

namespace IpuNet.Faces.Policies;

/// <summary>
/// The recognition policy: for each resolution band, whether faces are enhanced, and the threshold of a match. It is measured, not chosen:
/// <c>ipunet evaluate</c> writes it into the enhancer's manifest under <c>policy</c>.
/// </summary>
/// <remarks>
/// The JSON form is <c>{"recogniser":"dlib-resnet29@1","far":0.001,"bands":[{"band":"&lt;12","enhance":true,"threshold":0.95}, ...]}</c>.
/// Each band of <see cref="ResolutionBand.All"/> occurs exactly once. A band may also have <c>"thresholdOtherwise"</c> and
/// <c>"expected"</c>. As a property of another JSON type, a policy reads and writes itself.
/// </remarks>
[JsonConverter(typeof(RecognitionPolicyConverter))]
public sealed record RecognitionPolicy
{
    /// <summary>Creates a policy from one entry per band, in any order.</summary>
    /// <param name="recogniser">Id of the recogniser that the thresholds were calibrated with, such as "dlib-resnet29@1".</param>
    /// <param name="far">The FAR that the thresholds were calibrated for, in (0, 1). 0.001 is one impostor in a thousand.</param>
    /// <param name="bands">One entry for each band.</param>
    /// <exception cref="FaceDataException">A band is missing or occurs twice, or a number is out of its range.</exception>
    public RecognitionPolicy(string recogniser, double far, IEnumerable<BandPolicy> bands)
    {
        ArgumentNullException.ThrowIfNull(bands);
        if (string.IsNullOrWhiteSpace(recogniser))
            throw Unusable("it has no \"recogniser\"");
        if (!(far > 0 && far < 1))
            throw Unusable(string.Create(CultureInfo.InvariantCulture, $"its \"far\" is {far}, which is not between 0 and 1"));

        Recogniser = recogniser;
        Far = far;
        Bands = InOrder([.. bands]);
    }

    /// <summary>Id of the recogniser that the thresholds were calibrated with.</summary>
    public string Recogniser { get; }

    /// <summary>The FAR that the thresholds were calibrated for, in (0, 1).</summary>
    public double Far { get; }

    /// <summary>One entry per band, in the order of <see cref="ResolutionBand.All"/>.</summary>
    public IReadOnlyList<BandPolicy> Bands { get; }

    /// <summary>Reads a policy from JSON.</summary>
    /// <param name="json">The value of <c>policy</c> in a manifest, UTF-8.</param>
    /// <param name="name">The file's name, for error messages.</param>
    /// <exception cref="FaceDataException">The JSON is damaged, or not a valid policy.</exception>
    public static RecognitionPolicy Parse(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            return StrictJson.Read(json, RecognitionPolicyJson.Default.RecognitionPolicy)
                ?? throw Unusable("it is null");
        }
        catch (Exception error) when (error is JsonException or FaceDataException)
        {
            throw new FaceDataException($"{name}: {error.Message}", error);
        }
    }

    /// <summary>The policy as UTF-8 JSON.</summary>
    public byte[] ToJson() => StrictJson.Write(this, RecognitionPolicyJson.Default.RecognitionPolicy);

    /// <summary>The entry of the band of a face.</summary>
    /// <param name="faceHeightPixels">Height of the aligned face's square in the source image in pixels, above 0 and finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">The height is not above 0 and finite.</exception>
    public BandPolicy For(float faceHeightPixels)
    {
        var band = ResolutionBand.Of(faceHeightPixels);
        return Bands.First(entry => entry.Band == band);
    }

    /// <summary>Checks that the thresholds were calibrated with this recogniser.</summary>
    /// <param name="recogniser">The recogniser's id.</param>
    /// <exception cref="FaceDataException">The thresholds were calibrated with another recogniser.</exception>
    public void RequireRecogniser(string recogniser)
    {
        if (recogniser != Recogniser)
            throw new FaceDataException(
                $"The thresholds were calibrated with the recogniser '{Recogniser}' and say nothing about scores of '{recogniser}'. "
                + $"Use '{Recogniser}', or calibrate again with `ipunet evaluate`.");
    }

    /// <summary>Whether both policies have the same recogniser, FAR and bands.</summary>
    public bool Equals(RecognitionPolicy? other) =>
        other is not null && Recogniser == other.Recogniser && Far.Equals(other.Far) && Bands.SequenceEqual(other.Bands);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Recogniser, Far);

    internal static FaceDataException Unusable(string reason) =>
        new($"The recognition policy cannot be used: {reason}. Write it again with `ipunet evaluate`.");

    private static BandPolicy[] InOrder(BandPolicy[] bands)
    {
        foreach (BandPolicy entry in bands)
        {
            foreach (float threshold in (float[])[entry.Threshold, entry.ThresholdOtherwise ?? 0])
            {
                if (!(threshold is >= -1 and <= 1))
                    throw Unusable(string.Create(
                        CultureInfo.InvariantCulture,
                        $"the threshold of band '{entry.Band}' is {threshold}, which is not between -1 and 1"));
            }
        }

        return [.. ResolutionBand.All.Select(band => bands.Count(entry => entry.Band == band) switch
        {
            0 => throw Unusable($"band '{band}' is missing"),
            1 => bands.Single(entry => entry.Band == band),
            _ => throw Unusable($"band '{band}' occurs more than once"),
        })];
    }
}
