using System.Text.Json;
using System.Text.Json.Serialization;

namespace IpuNet.Faces.Policies;

/// <summary>The JSON form of a policy. Missing members stay null, so that the error can name them.</summary>
internal sealed record PolicyDocument(string? Recogniser, double? Far, IReadOnlyList<BandDocument?>? Bands);

/// <summary>The JSON form of one band's entry.</summary>
internal sealed record BandDocument(string? Band, bool? Enhance, float? Threshold, float? ThresholdOtherwise, ExpectedScores? Expected);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(RecognitionPolicy))]
[JsonSerializable(typeof(RecognitionPolicy[]))]
[JsonSerializable(typeof(PolicyDocument))]
internal sealed partial class RecognitionPolicyJson : JsonSerializerContext;

/// <summary>
/// Reads and writes a policy. Reading checks it as the constructor does. The class is public because the source-generated JSON of other
/// assemblies needs it.
/// </summary>
public sealed class RecognitionPolicyConverter : JsonConverter<RecognitionPolicy>
{
    /// <inheritdoc/>
    public override RecognitionPolicy? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (JsonSerializer.Deserialize(ref reader, RecognitionPolicyJson.Default.PolicyDocument) is not { } document)
            return null;

        return new RecognitionPolicy(
            document.Recogniser ?? "",
            document.Far ?? throw RecognitionPolicy.Unusable("it has no \"far\""),
            (document.Bands ?? throw RecognitionPolicy.Unusable("it has no bands")).Select(Band));
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, RecognitionPolicy value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(
            writer,
            new PolicyDocument(value.Recogniser, value.Far, [.. value.Bands.Select(Document)]),
            RecognitionPolicyJson.Default.PolicyDocument);

    private static BandDocument Document(BandPolicy entry) =>
        new(entry.Band.Name, entry.Enhance, entry.Threshold, entry.ThresholdOtherwise, entry.Expected);

    private static BandPolicy Band(BandDocument? entry)
    {
        var name = entry?.Band ?? throw RecognitionPolicy.Unusable("an entry has no \"band\"");
        var band = ResolutionBand.Named(name) ?? throw RecognitionPolicy.Unusable(
            $"the band '{name}' is unknown; the bands are {string.Join(", ", ResolutionBand.All.Select(known => $"'{known}'"))}");
        if (entry.Expected is { } expected && !new[] { expected.Tar, expected.Low, expected.Median, expected.High }.All(float.IsFinite))
            throw RecognitionPolicy.Unusable($"band '{name}' expects scores that are not finite numbers");
        return new BandPolicy(
            band,
            entry.Enhance ?? throw RecognitionPolicy.Unusable($"band '{name}' has no \"enhance\""),
            entry.Threshold ?? throw RecognitionPolicy.Unusable($"band '{name}' has no threshold"),
            entry.ThresholdOtherwise)
        { Expected = entry.Expected };
    }
}

/// <summary>Reads and writes a manifest's policies: one as an object, several as an array.</summary>
public sealed class RecognitionPoliciesConverter : JsonConverter<IReadOnlyList<RecognitionPolicy>>
{
    /// <inheritdoc/>
    public override IReadOnlyList<RecognitionPolicy>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        RecognitionPolicy?[] policies = reader.TokenType == JsonTokenType.StartArray
            ? JsonSerializer.Deserialize(ref reader, RecognitionPolicyJson.Default.RecognitionPolicyArray) ?? []
            : [JsonSerializer.Deserialize(ref reader, RecognitionPolicyJson.Default.RecognitionPolicy)];
        RecognitionPolicy[] known = [.. policies.Select(policy => policy ?? throw RecognitionPolicy.Unusable("it is null"))];
        return known.GroupBy(policy => policy.Recogniser).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw RecognitionPolicy.Unusable($"there are two for the recogniser '{twice.Key}'")
            : known;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<RecognitionPolicy> value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Count == 1)
            JsonSerializer.Serialize(writer, value[0], RecognitionPolicyJson.Default.RecognitionPolicy);
        else
            JsonSerializer.Serialize(writer, [.. value], RecognitionPolicyJson.Default.RecognitionPolicyArray);
    }
}
