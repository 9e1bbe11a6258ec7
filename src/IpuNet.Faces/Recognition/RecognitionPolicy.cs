using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Faces.Files;

namespace IpuNet.Faces.Recognition;

/// <summary>
/// Which faces are enhanced and from which score a match counts as known, per resolution band. It is measured, not chosen:
/// <c>ipunet evaluate</c> writes it into the enhancer's manifest under <c>policy</c>.
/// </summary>
/// <remarks>
/// JSON: <c>{"recogniser":"dlib-resnet29@1","far":0.001,"bands":[{"band":"&lt;12","enhance":true,"threshold":0.95}, ...]}</c>, with <c>"thresholdOtherwise"</c> and <c>"expected"</c> where they were measured,
/// every band of <see cref="ResolutionBand.All"/> exactly once. As a property of another JSON type it reads and writes itself.
/// </remarks>
[JsonConverter(typeof(RecognitionPolicyConverter))]
public sealed record RecognitionPolicy
{
    /// <summary>Creates a policy from one entry per band, in any order.</summary>
    /// <param name="recogniser">Id of the recogniser that the thresholds were calibrated with, such as <c>dlib-resnet29@1</c>.</param>
    /// <param name="far">False accept rate that the thresholds were calibrated for, in (0, 1): 0.001 is one impostor in a thousand.</param>
    /// <param name="bands">One entry for every band.</param>
    /// <exception cref="FaceDataException">A band is missing or given twice, or a number is out of its range.</exception>
    public RecognitionPolicy(string recogniser, double far, IEnumerable<BandPolicy> bands)
    {
        ArgumentNullException.ThrowIfNull(bands);
        if (string.IsNullOrWhiteSpace(recogniser))
            throw Unusable("it names no recogniser");
        if (!(far > 0 && far < 1))
            throw Unusable(string.Create(CultureInfo.InvariantCulture, $"its far is {far}, which is not between 0 and 1"));

        Recogniser = recogniser;
        Far = far;
        Bands = InOrder([.. bands]);
    }

    /// <summary>Id of the recogniser that the thresholds were calibrated with.</summary>
    public string Recogniser { get; }

    /// <summary>False accept rate that the thresholds were calibrated for, in (0, 1).</summary>
    public double Far { get; }

    /// <summary>One entry per band, in the order of <see cref="ResolutionBand.All"/>.</summary>
    public IReadOnlyList<BandPolicy> Bands { get; }

    /// <summary>Reads a policy from JSON.</summary>
    /// <param name="json">The value of <c>policy</c> in a manifest, UTF-8.</param>
    /// <param name="name">What error messages call it, such as the manifest's path.</param>
    /// <exception cref="FaceDataException">It is not JSON, or not a usable policy.</exception>
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
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RecognitionPolicyJson.Default.RecognitionPolicy);

    /// <summary>What to do with a face of this height.</summary>
    /// <param name="faceHeightPixels">Height of the aligned face's square in the source image, pixels; positive and finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">The height is not a positive finite number.</exception>
    public BandPolicy For(float faceHeightPixels)
    {
        var band = ResolutionBand.Of(faceHeightPixels);
        return Bands.First(entry => entry.Band == band);
    }

    /// <summary>Makes sure that scores of this recogniser may be held against the thresholds.</summary>
    /// <exception cref="FaceDataException">The thresholds were calibrated with another recogniser.</exception>
    public void RequireRecogniser(string recogniser)
    {
        if (recogniser != Recogniser)
            throw new FaceDataException(
                $"The thresholds were calibrated with the recogniser '{Recogniser}' and say nothing about scores of '{recogniser}': "
                + $"recognise with '{Recogniser}', or calibrate anew with `ipunet evaluate`.");
    }

    /// <summary>Whether both say the same of every band.</summary>
    public bool Equals(RecognitionPolicy? other) =>
        other is not null && Recogniser == other.Recogniser && Far.Equals(other.Far) && Bands.SequenceEqual(other.Bands);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Recogniser, Far);

    internal static FaceDataException Unusable(string reason) =>
        new($"The recognition policy cannot be used: {reason}. Write it anew with `ipunet evaluate`.");

    private static BandPolicy[] InOrder(BandPolicy[] bands)
    {
        foreach (var (band, threshold) in bands.SelectMany(entry => new[] { (entry.Band, entry.Threshold), (entry.Band, entry.ThresholdOtherwise ?? 0) }))
        {
            if (!(threshold is >= -1 and <= 1))
                throw Unusable(string.Create(CultureInfo.InvariantCulture, $"the threshold of band '{band}' is {threshold}, which is not between -1 and 1"));
        }

        return [.. ResolutionBand.All.Select(band => bands.Count(entry => entry.Band == band) switch
        {
            0 => throw Unusable($"band '{band}' is missing"),
            1 => bands.Single(entry => entry.Band == band),
            _ => throw Unusable($"band '{band}' is given more than once"),
        })];
    }
}
