using IpuNet.Faces.Files;
using IpuNet.Training.Evaluation.Reports;

namespace IpuNet.Trainer.Evaluate;

/// <summary>Writes a report: JSON for programs, a page for people.</summary>
internal static class ReportFiles
{
    public const string Page = "report.html";

    public static void Write(string folder, EvaluationReport report)
    {
        foreach (var pairs in report.Pairs)
            Save($"{pairs.Protocol}.json", EvaluationJson.ToJson(pairs));
        if (report.Identification is not null)
            Save("identification.json", EvaluationJson.ToJson(report.Identification));
        if (report.Calibration is not null)
            Save("calibration.json", EvaluationJson.ToJson(report.Calibration));
        if (report.Policy is not null)
            Save("policy.json", EvaluationJson.ToJson(report.Policy));
        report.ToPage().Save(Path.Combine(folder, Page));

        void Save(string name, byte[] json) => WholeFile.Write(Path.Combine(folder, name), json, durable: false);
    }
}
