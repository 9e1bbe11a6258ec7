using System.Text.Json.Serialization;
using IpuNet.Contract;
using IpuNet.Training.Evaluation.Calibration;
using IpuNet.Training.Evaluation.Scenes;

namespace IpuNet.Training.Evaluation.Reports;

/// <summary>Writes reports as JSON, camelCase, indented.</summary>
public static class EvaluationJson
{
    /// <summary>A report as UTF-8 JSON.</summary>
    public static byte[] ToJson(PairsReport report) => StrictJson.Write(report, EvaluationJsonContext.Default.PairsReport);

    /// <summary>A report as UTF-8 JSON.</summary>
    public static byte[] ToJson(IdentificationReport report) =>
        StrictJson.Write(report, EvaluationJsonContext.Default.IdentificationReport);

    /// <summary>A report as UTF-8 JSON.</summary>
    public static byte[] ToJson(CalibrationReport report) => StrictJson.Write(report, EvaluationJsonContext.Default.CalibrationReport);

    /// <summary>A report as UTF-8 JSON.</summary>
    public static byte[] ToJson(PolicyReport report) => StrictJson.Write(report, EvaluationJsonContext.Default.PolicyReport);

    /// <summary>A report as UTF-8 JSON.</summary>
    public static byte[] ToJson(SceneReport report) => StrictJson.Write(report, EvaluationJsonContext.Default.SceneReport);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(PairsReport))]
[JsonSerializable(typeof(IdentificationReport))]
[JsonSerializable(typeof(CalibrationReport))]
[JsonSerializable(typeof(PolicyReport))]
[JsonSerializable(typeof(SceneReport))]
internal sealed partial class EvaluationJsonContext : JsonSerializerContext;
