using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Models;
using IpuNet.Training.Evaluation;
using IpuNet.Training.Evaluation.Reports;

namespace IpuNet.Trainer.Evaluate;

/// <summary><c>ipunet evaluate</c>: measures verification, identification and the recognition policy on sets of faces.</summary>
internal sealed class EvaluateCommand : CliCommand
{
    private readonly EvaluateOptions _task;
    private readonly AlignmentOption _alignment;
    private readonly Option<string?> _enhancer = new("--enhancer")
    {
        Description = "Enhancer to measure. Write name or name@version, or 'none' for none. Default: the one in use.",
        HelpName = "ID",
    };
    private readonly ModelArguments _models;

    public EvaluateCommand(Terminal terminal)
        : base(terminal, CommandTitle.Evaluate)
    {
        _task = new EvaluateOptions(this);
        _alignment = new AlignmentOption(this);
        Options.Add(_enhancer);
        Options.Add(new JsonOption());
        _models = new ModelArguments(this, "Recogniser to measure.");
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        (
            "ipunet evaluate --data lfw --scenes protocol/peopleDevTest.txt",
            "Measures what users see: whole photos shrunk into scenes, found, aligned, super-resolved and named."),
        (
            "ipunet evaluate --data lfw --images images --crop 65,77,120 --pairs protocol/pairsDevTest.txt --calibrate-pairs "
            + "protocol/pairsDevTrain.txt",
            "Measures verification on LFW, probes of 8 to 32 px against full-size faces. Writes JSON and report.html to evaluation/."),
        (
            "ipunet evaluate --data lfw --crop 65,77,120 --calibrate-people protocol/peopleDevTest.txt --write-policy",
            "Measures the thresholds and the bands where super-resolution helps, and writes both into the enhancer's manifest."),
        (
            "ipunet evaluate --data lfw --crop 65,77,120 --recogniser facenet --calibrate-people protocol/peopleDevTest.txt --write-policy",
            "The same for another recogniser. The manifest keeps the policies of both."),
        ("ipunet evaluate --images people --identification people", "Measures identification on your photos, one folder for each person."),
    ];

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        EvaluationTask task = _task.Read(parsed).Validated();
        ModelStore store = _models.Store(parsed);
        InferenceSettings settings = _models.Settings(parsed);
        using var subject = EvaluatedModels.Open(store, settings, parsed.GetValue(_enhancer));
        using var alignment = _alignment.Read(parsed, store, settings);

        var evaluation = new Evaluation(task, subject, alignment, Terminal);
        EvaluationReport report = await evaluation.RunAsync(cancellation);
        if (report.Scenes is { } scenes)
        {
            Terminal.Write(EvaluationTables.Found(scenes, intervals: false));
            foreach (int subjects in scenes.Rows.SelectMany(row => row.Naming).Select(naming => naming.Subjects).Distinct())
                Terminal.Write(EvaluationTables.Named(scenes, subjects, intervals: false));
        }

        foreach (var pairs in report.Pairs)
            Terminal.Write(EvaluationTables.Of(pairs, intervals: false));
        if (report.Identification is not null)
            Terminal.Write(EvaluationTables.Of(report.Identification, intervals: false));
        if (report.Calibration is not null)
            Terminal.Write(EvaluationTables.Of(report.Calibration, intervals: false));
        if (report.Policy is not null)
            Terminal.Write(EvaluationTables.Of(report.Policy, intervals: false));

        ReportFiles.Write(task.Out, report);
        Terminal.WriteLine($"Reports: {Path.Combine(task.Out, ReportFiles.Page)}");
        if (task.WritePolicy)
        {
            ModelManifest manifest = subject.PolicyManifest;
            InstalledModel updated = store.Update(
                manifest.With(report.Calibration!.Policy) with { Evaluation = ManifestSummary.Of(report, manifest.Evaluation) });
            Terminal.WriteLine($"The policy for {subject.Embedder.Id} is in the manifest of {updated.Id}.");
        }

        return evaluation.AnyLeftOut ? ExitCode.SomeFailed : ExitCode.Done;
    }
}

/// <summary>The figures of an evaluation that a manifest keeps.</summary>
internal static class ManifestSummary
{
    private const string Verification = "verification", Recogniser = "recogniser";

    /// <summary>The figures of a report, together with the figures in the manifest for other recognisers.</summary>
    /// <returns>The new figures; the former ones if the report verified no pairs.</returns>
    public static JsonElement? Of(EvaluationReport report, JsonElement? before)
    {
        if (report.Pairs.Count == 0)
            return before;
        IEnumerable<JsonObject> others = before is { ValueKind: JsonValueKind.Object } known
            && known.TryGetProperty(Verification, out JsonElement rows) && rows.ValueKind == JsonValueKind.Array
            ? rows.EnumerateArray().Where(IsOfAnother).Select(row => JsonObject.Create(row)!)
            : [];
        return JsonSerializer.SerializeToElement(
            new JsonObject { [Verification] = new JsonArray([.. others, .. report.Pairs.Select(Of)]) });

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
