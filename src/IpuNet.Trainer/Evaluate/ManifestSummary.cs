using System.Text.Json;
using System.Text.Json.Nodes;
using IpuNet.Training.Evaluation;
using IpuNet.Training.Evaluation.Reports;

namespace IpuNet.Trainer.Evaluate;

/// <summary>The figures that a manifest keeps of an evaluation: what a user wants to know before using the model.</summary>
internal static class ManifestSummary
{
    private const string Verification = "verification", Recogniser = "recogniser";

    /// <summary>The figures of a report; those that the manifest has from other recognisers stay.</summary>
    /// <returns>What was there, where nothing but the policy was measured, which the manifest has anyway.</returns>
    public static JsonElement? Of(EvaluationReport report, JsonElement? before)
    {
        if (report.Pairs.Count == 0)
            return before;
        IEnumerable<JsonObject> others = before is { ValueKind: JsonValueKind.Object } known && known.TryGetProperty(Verification, out JsonElement rows) && rows.ValueKind == JsonValueKind.Array
            ? rows.EnumerateArray().Where(IsOfAnother).Select(row => JsonObject.Create(row)!)
            : [];
        return JsonSerializer.SerializeToElement(new JsonObject { [Verification] = new JsonArray([.. others, .. report.Pairs.Select(Of)]) });

        bool IsOfAnother(JsonElement row) => row.ValueKind == JsonValueKind.Object && row.TryGetProperty(Recogniser, out JsonElement id)
            && id.ValueKind == JsonValueKind.String && report.Pairs.All(pairs => pairs.Recogniser != id.GetString());
    }

    private static JsonObject Of(PairsReport report) => new()
    {
        ["protocol"] = report.Protocol,
        [Recogniser] = report.Recogniser,
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
