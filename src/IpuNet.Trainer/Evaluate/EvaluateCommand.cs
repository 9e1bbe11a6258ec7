using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Programs;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Models;
using IpuNet.Training.Evaluation.Reports;

namespace IpuNet.Trainer.Evaluate;

/// <summary><c>ipunet evaluate</c>: measures verification, identification and the recognition policy on sets of faces.</summary>
internal sealed class EvaluateCommand : CliCommand
{
    private readonly EvaluateOptions _task;
    private readonly AlignmentOption _alignment;
    private readonly Option<string?> _enhancer = new("--enhancer") { Description = "The enhancer to measure, 'name' or 'name@version'; 'none' for none. Default: the one in use.", HelpName = "ID" };
    private readonly ModelOptions _models;

    public EvaluateCommand(Terminal terminal)
        : base(terminal, CommandTitle.Evaluate)
    {
        _task = new EvaluateOptions(this);
        _alignment = new AlignmentOption(this);
        Options.Add(_enhancer);
        _models = new ModelOptions(this);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet evaluate --data lfw --images images --crop 65,77,120 --pairs protocol/pairsDevTest.txt --calibrate-pairs protocol/pairsDevTrain.txt",
            "Verification on LFW: 8 to 32 px probes against full-size faces; JSON and report.html in evaluation/."),
        ("ipunet evaluate --data lfw --crop 65,77,120 --calibrate-people protocol/peopleDevTest.txt --write-policy",
            "Measures in which bands super-resolution helps, and the thresholds; both go into the enhancer's manifest."),
        ("ipunet evaluate --data lfw --crop 65,77,120 --recogniser facenet --calibrate-people protocol/peopleDevTest.txt --write-policy",
            "The same for another recogniser; what was measured with the first stays in the manifest."),
        ("ipunet evaluate --images people --crop detect --identification people", "Identification on your own photos, one folder a person."),
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
