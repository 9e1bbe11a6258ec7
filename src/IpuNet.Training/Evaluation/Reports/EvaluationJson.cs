using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using IpuNet.Contract;
using IpuNet.Training.Evaluation.Calibration;

namespace IpuNet.Training.Evaluation.Reports;

/// <summary>Reads and writes reports as JSON, camelCase, indented.</summary>
public static class EvaluationJson
{
    /// <summary>A report as UTF-8 JSON.</summary>
    public static byte[] ToJson(PairsReport report) => Write(report, EvaluationJsonContext.Default.PairsReport);

    /// <summary>A report as UTF-8 JSON.</summary>
    public static byte[] ToJson(IdentificationReport report) => Write(report, EvaluationJsonContext.Default.IdentificationReport);

    /// <summary>A report as UTF-8 JSON.</summary>
    public static byte[] ToJson(CalibrationReport report) => Write(report, EvaluationJsonContext.Default.CalibrationReport);

    /// <summary>A report as UTF-8 JSON.</summary>
    public static byte[] ToJson(PolicyReport report) => Write(report, EvaluationJsonContext.Default.PolicyReport);

    /// <summary>Reads a verification report.</summary>
    /// <exception cref="FaceDataException">The file is missing, or is not a verification report of schema 1.</exception>
    public static PairsReport ReadPairs(string path) => Read(path, EvaluationJsonContext.Default.PairsReport);

    /// <summary>Reads a calibration report.</summary>
    /// <exception cref="FaceDataException">The file is missing, or is not a calibration report of schema 1.</exception>
    public static CalibrationReport ReadCalibration(string path) => Read(path, EvaluationJsonContext.Default.CalibrationReport);

    private static byte[] Write<T>(T report, JsonTypeInfo<T> type) => StrictJson.Write(report, type);

    private static T Read<T>(string path, JsonTypeInfo<T> type)
        where T : MeasuredReport
    {
        if (!File.Exists(path))
            throw new FaceDataException($"{path}: no such report. `ipunet evaluate` writes reports.");
        try
        {
            T report = StrictJson.Read(File.ReadAllBytes(path), type) ?? throw new JsonException("it is null");
            return report.Schema == 1
                ? report
                : throw new FaceDataException(
                    $"{path}: the report has schema {report.Schema}; this version reads schema 1. Evaluate again.");
        }
        catch (JsonException error)
        {
            throw new FaceDataException($"{path}: this is not a report of the expected kind: {error.Message}", error);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(PairsReport))]
[JsonSerializable(typeof(IdentificationReport))]
[JsonSerializable(typeof(CalibrationReport))]
[JsonSerializable(typeof(PolicyReport))]
internal sealed partial class EvaluationJsonContext : JsonSerializerContext;
