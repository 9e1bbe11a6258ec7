using System.Text.Json.Serialization;

namespace IpuNet.Service.Retraining;

/// <summary>What a candidate is evaluated with.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EvaluationSet>))]
public enum EvaluationSet
{
    /// <summary>People whom it did not learn from, another lot each time.</summary>
    [JsonStringEnumMemberName("held-out")]
    HeldOut,

    /// <summary>People who are always the same.</summary>
    [JsonStringEnumMemberName("fixed")]
    Fixed,
}

/// <summary>How a candidate compares with the model in use.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BandVerdict>))]
public enum BandVerdict
{
    /// <summary>Better beyond the confidence interval.</summary>
    [JsonStringEnumMemberName("better")]
    Better,

    /// <summary>No different, as far as can be told.</summary>
    [JsonStringEnumMemberName("same")]
    Same,

    /// <summary>Worse beyond the confidence interval.</summary>
    [JsonStringEnumMemberName("worse")]
    Worse,
}

/// <summary>How a candidate compares with the model in use in one resolution band.</summary>
/// <param name="Set">What they were evaluated with.</param>
/// <param name="Band">The band, such as "12-19".</param>
/// <param name="Probes">How many probes.</param>
/// <param name="Current">The model in use.</param>
/// <param name="Candidate">The candidate.</param>
/// <param name="TarGain">What the candidate gains in TAR.</param>
/// <param name="AucGain">What it gains in AUC.</param>
/// <param name="Verdict">Which is better.</param>
public sealed record RetrainedBand(
    EvaluationSet Set, string Band, int Probes, BandFigures Current, BandFigures Candidate, Gain TarGain, Gain AucGain, BandVerdict Verdict);

/// <summary>How well a model does in a band.</summary>
/// <param name="Enhance">Whether super-resolution is used there.</param>
/// <param name="Tar">True acceptance rate at the policy's false acceptance rate, 0 to 1.</param>
/// <param name="Auc">Area under the curve, 0 to 1.</param>
public sealed record BandFigures(bool Enhance, double Tar, double Auc);

/// <summary>A difference with its confidence interval.</summary>
/// <param name="Value">The difference, candidate minus current.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end.</param>
public sealed record Gain(double Value, double Low, double High);
