using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Enhancement;
using IpuNet.Faces.Files;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Recognition;
using IpuNet.Trainer.Display;
using IpuNet.Training.Data;
using IpuNet.Training.Degradation;
using IpuNet.Training.Evaluation;
using IpuNet.Training.Evaluation.Calibration;
using IpuNet.Training.Evaluation.Protocols;
using IpuNet.Training.Evaluation.Reports;
using IpuNet.Training.Evaluation.Scenes;
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

        var scenes = task.Scenes is { } whole ? await SearchScenesAsync(whole, cancellation) : null;
        var identification = task.Identification is { } people ? await IdentifyAsync(people, cancellation) : null;
        var calibration = task.Calibration is { } calibrated ? await CalibrateAsync(calibrated, cancellation) : null;
        var policy = task.Check is { } others ? await CheckAsync(others, calibration, cancellation) : null;
        return new EvaluationReport
        {
            Title = $"Evaluation of {subject.Enhancer?.Id ?? subject.Embedder.Id}",
            Facts = Facts(),
            Pairs = pairs,
            Scenes = scenes,
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

    private async Task<SceneReport> SearchScenesAsync(string people, CancellationToken cancellation)
    {
        using PipelineModels models = subject.OpenPipeline();
        var protocol = SceneProtocol.Create(
            NameOf(people), FaceSet.Find(new DataOptions { Sets = [SetOf(people)] }, "", _leftOut.Add),
            task.SceneOptions.Galleries.Max(), task.SceneOptions.Seed);
        return await MeasureAsync($"faces of {protocol.Name}", progress => new SceneEvaluation(models).RunAsync(
            protocol, task.SceneOptions, progress, cancellation));
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
        return IdentificationProtocol.Create(
            NameOf(people),
            FaceSet.Find(new DataOptions { Sets = [SetOf(people) with { Crop = alignment.Crop }] }, "", _leftOut.Add),
            probesPerPerson: ProbesPerPerson);
    }

    private static string NameOf(string people) => Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(people));

    // A list names people in the folder --images. A folder is a set of its own.
    private ImageSet SetOf(string people) => File.Exists(people)
        ? new ImageSet { Folder = Path.GetFullPath(task.Images), People = Path.GetFullPath(people), Identities = true }
        : new ImageSet { Folder = Path.GetFullPath(people), Identities = true };

    private Task<T> Measure<T>(string what, Func<IProgress<EvaluationProgress>, T> run) =>
        MeasureAsync(what, progress => Task.FromResult(run(progress)));

    private Task<T> MeasureAsync<T>(string what, Func<IProgress<EvaluationProgress>, Task<T>> run) => ProgressDisplay.RunAsync(
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

    public string? Scenes { get; init; }

    public SceneOptions SceneOptions { get; init; } = new();

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
        if (Pairs.Count == 0 && Identification is null && Calibration is null && Scenes is null)
            throw new UsageException("There is nothing to measure. Add --scenes, --pairs, --identification or --calibrate-people.");
        if (WritePolicy && Calibration is null)
            throw new UsageException("--write-policy needs --calibrate-people, which names the people to measure the policy on.");
        return this;
    }
}

/// <summary>The models under evaluation.</summary>
internal sealed record EvaluatedModels(FaceEmbedder Embedder, FaceEnhancer? Enhancer, Func<PipelineModels> OpenPipeline) : IDisposable
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
            InstalledModel? model = id is null or None ? null : store.Find(id);
            return new EvaluatedModels(
                embedder,
                model is null ? null : FaceEnhancer.Open(model, settings),
                () => PipelineModels.Open(ModelSet.Current(store, recognise: true) with { Enhancer = model }, settings));
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
        if (report.Scenes is not null)
            Save("scenes.json", EvaluationJson.ToJson(report.Scenes));
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
