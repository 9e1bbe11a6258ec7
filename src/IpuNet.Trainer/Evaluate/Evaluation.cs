using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Enhancement;
using IpuNet.Faces.Files;
using IpuNet.Faces.Models;
using IpuNet.Faces.Recognition;
using IpuNet.Trainer.Display;
using IpuNet.Training.Data;
using IpuNet.Training.Degradation;
using IpuNet.Training.Evaluation;
using IpuNet.Training.Evaluation.Calibration;
using IpuNet.Training.Evaluation.Protocols;
using IpuNet.Training.Evaluation.Reports;
using IpuNet.Training.Runs;

namespace IpuNet.Trainer.Evaluate;

/// <summary>Runs the parts of an evaluation.</summary>
internal sealed class Evaluation(EvaluationTask task, EvaluatedModels subject, AlignmentOption.Alignment alignment, Terminal terminal)
{
    // LFW has over 500 images of one man. Without a limit, he would dominate the figures.
    private const int ProbesPerPerson = 5;

    private readonly UnreadableImages _leftOut = new(new WorkDisplay(terminal));

    /// <summary>Whether any files were left out. The first 20 were reported by name.</summary>
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
        return Measure("faces to check on", progress => new PolicyEvaluation(subject.Pipeline, alignment.How).Run(
            policy, protocol, progress: progress, cancellation: cancellation));
    }

    private IdentificationProtocol Protocol(string people)
    {
        // A list names people in the folder --images. A folder is a set of its own.
        ImageSet set = File.Exists(people)
            ? new ImageSet { Folder = Path.GetFullPath(task.Images), People = Path.GetFullPath(people) }
            : new ImageSet { Folder = Path.GetFullPath(people) };
        return IdentificationProtocol.Create(
            Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(people)),
            FaceSet.Find(new DataOptions { Sets = [set with { Identities = true, Crop = alignment.Crop }] }, "", _leftOut.Add),
            probesPerPerson: ProbesPerPerson);
    }

    private Task<T> Measure<T>(string what, Func<IProgress<EvaluationProgress>, T> run) => ProgressDisplay.RunAsync(
        terminal, what, 0, progress => Task.Run(() => run(new DirectProgress<EvaluationProgress>(
            done => progress.Report(new ProgressCount(done.Done, done.Total))))));

    private IReadOnlyList<Faces.Reports.ReportPicture> Pictures()
    {
        string? file = task.Pairs.Count > 0 ? task.Pairs[^1] : task.ThresholdPairs;
        return file is null || task.Pictures == 0
            ? []
            : PictureStrips.Make(
                PairsProtocol.Read(file, task.Images).Pairs.Select(pair => pair.First).Distinct().Take(task.Pictures), subject.Pipeline,
                alignment.How, task.Sizes);
    }

    private (string, string)[] Facts() =>
    [
        ("Date", DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        ("Recogniser", subject.Embedder.Id),
        ("Enhancer", subject.Enhancer?.Id ?? "none"),
        .. subject.Enhancer?.Manifest.TrainedOn is { } sets ? [("Trained on", string.Join(", ", sets))] : Array.Empty<(string, string)>(),
    ];
}

/// <summary>The task of an evaluation. Paths include the folder --data.</summary>
internal sealed record EvaluationTask
{
    public required IReadOnlyList<string> Pairs { get; init; }

    public string? ThresholdPairs { get; init; }

    public required string Images { get; init; }

    public string? Identification { get; init; }

    public string? Calibration { get; init; }

    public string? Check { get; init; }

    public required IReadOnlyList<FaceSize> Sizes { get; init; }

    public double Far { get; init; }

    public int Pictures { get; init; }

    public required string Out { get; init; }

    public bool WritePolicy { get; init; }

    /// <exception cref="UsageException">There is nothing to measure, or an option needs another one.</exception>
    public EvaluationTask Validated()
    {
        if (Pairs.Count == 0 && Identification is null && Calibration is null)
            throw new UsageException("There is nothing to measure. Add --pairs, --identification or --calibrate-people.");
        if (WritePolicy && Calibration is null)
            throw new UsageException("--write-policy needs --calibrate-people, which names the people to measure the policy on.");
        return this;
    }
}

/// <summary>The models under evaluation.</summary>
internal sealed record EvaluatedModels(FaceEmbedder Embedder, FaceEnhancer? Enhancer) : IDisposable
{
    private const string None = "none";

    /// <summary>The manifest with the policy: that of the enhancer; without one, that of the recogniser.</summary>
    public ModelManifest PolicyManifest => Enhancer?.Manifest ?? Embedder.Manifest;

    public FacePipeline Pipeline => new(Embedder.Id, Embedder.Embed, Enhancer?.Id, Enhancer is null ? null : Enhancer.Enhance);

    /// <summary>Loads the models.</summary>
    /// <param name="store">The model store.</param>
    /// <param name="settings">The settings of ONNX Runtime.</param>
    /// <param name="enhancer">Id of the enhancer, or "none"; null for the one in use, if any.</param>
    public static EvaluatedModels Open(ModelStore store, InferenceSettings settings, string? enhancer)
    {
        FaceEmbedder embedder = FaceEmbedder.Open(store, settings);
        try
        {
            string? id = enhancer ?? store.Current.Enhancer;
            return new EvaluatedModels(embedder, id is null or None ? null : FaceEnhancer.Open(store.Find(id), settings));
        }
        catch
        {
            embedder.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Enhancer?.Dispose();
        Embedder.Dispose();
    }
}

/// <summary>Writes a report as JSON files and an HTML page.</summary>
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

        void Save(string name, byte[] json) => AtomicFile.Write(Path.Combine(folder, name), json, durable: false);
    }
}
