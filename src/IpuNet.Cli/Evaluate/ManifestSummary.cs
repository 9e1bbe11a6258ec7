using System.Text.Json;
using System.Text.Json.Nodes;
using IpuNet.Training.Evaluation;
using IpuNet.Training.Evaluation.Reports;

namespace IpuNet.Cli.Evaluate;

/// <summary>The figures that a manifest keeps of an evaluation: what a user wants to know before using the model.</summary>
internal static class ManifestSummary
{
    /// <returns>Null where nothing but the policy was measured, which the manifest has anyway.</returns>
    public static JsonElement? Of(EvaluationReport report) => report.Pairs.Count == 0
        ? null
        : JsonSerializer.SerializeToElement(new JsonObject { ["verification"] = new JsonArray([.. report.Pairs.Select(Of)]) });

    private static JsonObject Of(PairsReport report) => new()
    {
        ["protocol"] = report.Protocol,
        ["recogniser"] = report.Recogniser,
        ["alignment"] = report.Alignment,
        ["pairs"] = report.GenuinePairs + report.ImpostorPairs,
        ["rows"] = new JsonArray([.. report.Rows.Select(Of)]),
    };

    private static JsonObject Of(PairsRow row) => new()
    {
        ["probe"] = row.Probe,
        ["enhanced"] = row.Enhanced,
        ["accuracy"] = Rounded(row.BestAccuracy.Value),
        ["auc"] = Rounded(row.Auc.Value),
        ["psnr"] = row.Psnr is { } psnr ? Math.Round(psnr, 2) : null,
        ["ssim"] = row.Ssim is { } ssim ? Rounded(ssim) : null,
    };

    private static double Rounded(double value) => Math.Round(value, 4);
}
