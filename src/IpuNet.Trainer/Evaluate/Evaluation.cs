using System.Globalization;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;
using IpuNet.Trainer.Display;
using IpuNet.Training.Data;
using IpuNet.Training.Evaluation;
using IpuNet.Training.Evaluation.Calibration;
using IpuNet.Training.Evaluation.Protocols;
using IpuNet.Training.Evaluation.Reports;
using IpuNet.Training.Runs;

namespace IpuNet.Trainer.Evaluate;

/// <summary>Measures what was asked for, part by part.</summary>
internal sealed class Evaluation(EvaluationTask task, EvaluatedModels subject, AlignmentOption.Alignment alignment, Terminal terminal)
{
    // LFW has over 500 images of one man: without a limit he would decide the figures.
    private const int ProbesPerPerson = 5;

    private readonly UnreadableImages _leftOut = new(new WorkDisplay(terminal));

    /// <summary>Whether files were left out that may have been meant as images; each was told.</summary>
    public bool AnyLeftOut => _leftOut.Any;

    /// <exception cref="FaceDataException">A file is missing, or an image cannot be read.</exception>
    public async Task<EvaluationReport> RunAsync(CancellationToken cancellation)
    {
        List<PairsReport> pairs = [];
        PairsReport? thresholds = null;
        if (task.ThresholdPairs is { } own)
            pairs.Add(thresholds = await VerifyAsync(own, null, cancellation));
        foreach (string file in task.Pairs)
            pairs.Add(await VerifyAsync(file, thresholds, cancellation));

        var identification = task.Identification is { } people ? await IdentifyAsync(people, cancellation) : null;
        var calibration = task.Calibration is { } calibrated ? await CalibrateAsync(calibrated, cancellation) : null;
        var policy = task.Check is { } others ? await CheckAsync(others, calibration, cancellation) : null;
        return new EvaluationReport
        {
            Title = $"Evaluation of {subject.Enhancer?.Id ?? subject.Embedder.Id}",
            Facts = Facts(),
            Pairs = pairs,
            Identification = identification,
            Calibration = calibration,
            Policy = policy,
            Pictures = Pictures(),
        };
    }

    private Task<PairsReport> VerifyAsync(string file, PairsReport? thresholds, CancellationToken cancellation)
    {
        var protocol = PairsProtocol.Read(file, task.Images);
        return Measure($"faces of {protocol.Name}", progress => new PairsEvaluation(subject.Pipeline, alignment.How).Run(
            protocol, new() { Sizes = task.Sizes, Calibration = thresholds }, progress, cancellation));
    }

    private Task<IdentificationReport> IdentifyAsync(string people, CancellationToken cancellation)
    {
        var protocol = Protocol(people);
        return Measure($"faces of {protocol.Name}", progress => new IdentificationEvaluation(subject.Pipeline, alignment.How).Run(
            protocol, new() { Sizes = task.Sizes }, progress, cancellation));
    }

    private Task<CalibrationReport> CalibrateAsync(string people, CancellationToken cancellation)
    {
        var protocol = Protocol(people);
        return Measure("faces to calibrate on", progress => new PolicyCalibration(subject.Pipeline, alignment.How).Run(
            protocol, new() { Far = task.Far }, progress, cancellation));
    }

    private Task<PolicyReport> CheckAsync(string people, CalibrationReport? calibration, CancellationToken cancellation)
    {
        var policy = calibration?.Policy ?? subject.PolicyManifest.RequirePolicy(subject.Embedder.Id);
        var protocol = Protocol(people);
        return Measure("faces to check on", progress => new PolicyEvaluation(subject.Pipeline, alignment.How).Run(policy, protocol, progress: progress, cancellation: cancellation));
    }

    private IdentificationProtocol Protocol(string people)
    {
        // A list names people of the --images folder; a folder is a set of its own.
        ImageSet set = File.Exists(people)
            ? new ImageSet { Folder = Path.GetFullPath(task.Images), Identities = true, People = Path.GetFullPath(people), Crop = alignment.Crop }
            : new ImageSet { Folder = Path.GetFullPath(people), Identities = true, Crop = alignment.Crop };
        return IdentificationProtocol.Create(
            Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(people)),
            FaceSet.Find(new DataOptions { Sets = [set] }, "", _leftOut.Add),
            probesPerPerson: ProbesPerPerson);
    }

    private Task<T> Measure<T>(string what, Func<IProgress<EvaluationProgress>, T> run) => ProgressDisplay.RunAsync(
        terminal, what, 0, progress => Task.Run(() => run(new DirectProgress<EvaluationProgress>(done => progress.Report(new ProgressCount(done.Done, done.Total))))));

    private IReadOnlyList<Faces.Reports.ReportPicture> Pictures()
    {
        string? file = task.Pairs.Count > 0 ? task.Pairs[^1] : task.ThresholdPairs;
        return file is null || task.Pictures == 0
            ? []
            : PictureStrips.Make(
                PairsProtocol.Read(file, task.Images).Pairs.Select(pair => pair.First).Distinct().Take(task.Pictures), subject.Pipeline, alignment.How, task.Sizes);
    }

    private (string, string)[] Facts() =>
    [
        ("Date", DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        ("Recogniser", subject.Embedder.Id),
        ("Enhancer", subject.Enhancer?.Id ?? "none"),
        .. subject.Enhancer?.Manifest.TrainedOn is { } sets ? [("Trained on", string.Join(", ", sets))] : Array.Empty<(string, string)>(),
    ];
}
