using System.Globalization;
using System.Security.Cryptography;
using IpuNet.Contract;
using IpuNet.Faces.Enhancement;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Policies;
using IpuNet.Faces.Recognition;
using IpuNet.Faces.Reports;
using IpuNet.Retraining.Preparation;
using IpuNet.Service.Galleries;
using IpuNet.Service.Retraining;
using IpuNet.Training.Data;
using IpuNet.Training.Degradation;
using IpuNet.Training.Evaluation;
using IpuNet.Training.Evaluation.Calibration;
using IpuNet.Training.Evaluation.Protocols;
using IpuNet.Training.Evaluation.Reports;
using IpuNet.Training.Export;
using IpuNet.Training.Runs;
using IpuNet.Training.Training;

namespace IpuNet.Retraining.Judgement;

/// <summary>Calibrates a candidate, and compares it with the model in use.</summary>
internal sealed class CandidateJudge : IDisposable
{
    private const int ProbesPerPerson = 5, Strips = 6;
    private const double DefaultFar = 0.001;
    private static readonly FaceSize[] StripSizes = [new(8, 8), new(12, 12), new(16, 16), new(24, 24)];
    private static readonly EvaluationAlignment Whole = EvaluationAlignment.Fixed(null);

    private readonly FaceEmbedder _embedder;
    private readonly FaceEnhancer? _current;
    private readonly FaceEnhancer _candidate;
    private readonly CalibrationReport _calibration;
    private readonly IReadOnlyList<BandComparison> _bands;
    private readonly IReadOnlyList<TrainingFace> _heldOut;

    private CandidateJudge(
        FaceEmbedder embedder, FaceEnhancer? current, FaceEnhancer candidate, byte[] model, CalibrationReport calibration,
        IReadOnlyList<BandComparison> bands, IReadOnlyList<TrainingFace> heldOut)
    {
        (_embedder, _current, _candidate, Model) = (embedder, current, candidate, model);
        (_calibration, _bands, _heldOut) = (calibration, bands, heldOut);
    }

    /// <summary>The candidate as an ONNX file.</summary>
    public byte[] Model { get; }

    /// <summary>The candidate's manifest, with its thresholds.</summary>
    public ModelManifest Manifest => _candidate.Manifest.With(_calibration.Policy);

    /// <summary>Calibrates a candidate and compares it with the model in use.</summary>
    /// <exception cref="FaceDataException">The people are too few to calibrate on.</exception>
    public static async Task<CandidateJudge> RunAsync(
        ModelsInUse inUse, TrainedNetwork trained, RetrainingState state, RetrainingSet set, RetrainingSettings settings,
        IProgress<WorkReport> reports, CancellationToken cancellation)
    {
        byte[] model = trained.ToOnnx(WeightStorage.Half);
        ModelManifest? former = inUse.Enhancer?.Manifest;
        ModelManifest manifest = trained.ToManifest(ModelId.NameOf(state.Candidate), ModelId.VersionOf(state.Candidate)) with
        {
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(model)),
            Licence = former?.Licence,
            TrainedOn =
            [
                .. (state.From is null ? null : former?.TrainedOn) ?? [], .. trained.Experiment.Data.Sets.Select(data => data.Folder),
            ],
        };
        FaceEmbedder embedder = FaceEmbedder.Open(inUse.Recogniser, settings.Inference);
        FaceEnhancer? current = inUse.Enhancer is null ? null : FaceEnhancer.Open(inUse.Enhancer, settings.Inference);
        FaceEnhancer candidate = FaceEnhancer.Open(new InstalledModel(manifest, state.Candidate, model), settings.Inference);
        double far = settings.Far ?? former?.PolicyFor(embedder.Id)?.Far ?? DefaultFar;
        var policyCalibration = new PolicyCalibration(PipelineOf(embedder, candidate), Whole);
        CalibrationReport calibration = await MeasureAsync("faces to calibrate on", progress => policyCalibration.Run(
            ProtocolOf("calibration", set.Split.Calibration), new() { Far = far }, progress, cancellation));
        if (calibration.Bands.FirstOrDefault(band => !band.FarMeasurable) is { } band)
            throw new FaceDataException(
                $"The set is too small. A FAR of {far:P2} needs {Math.Ceiling(1 / far):N0} comparisons of two people, but the people to "
                + $"calibrate on give {band.Impostors:N0}. Add more people, or set a higher rate with --far.");

        var gate = new PromotionGate(
            new GatedModel(PipelineOf(embedder, current), PolicyOf(former, embedder.Id, far)),
            new GatedModel(PipelineOf(embedder, candidate), calibration.Policy), Whole);
        List<BandComparison> bands = [.. await CompareAsync("held-out faces", "held-out", set.Split.HeldOut)];
        if (set.Fixed.Count > 0)
            bands.AddRange(await CompareAsync("fixed faces", "fixed", set.Fixed));
        return new CandidateJudge(embedder, current, candidate, model, calibration, bands, set.Split.HeldOut);

        Task<IReadOnlyList<BandComparison>> CompareAsync(string what, string name, IReadOnlyList<TrainingFace> faces) =>
            MeasureAsync(what, progress => gate.Compare(name, ProtocolOf(name, faces), progress, cancellation));

        Task<T> MeasureAsync<T>(string what, Func<IProgress<EvaluationProgress>, T> run) => reports.DoPartAsync(
            what, 0, progress => Task.Run(() => run(new DirectProgress<EvaluationProgress>(done => progress(done.Done, done.Total)))));
    }

    /// <summary>The answer with the decision and its figures.</summary>
    public RetrainingAnswer Complete(RetrainingAnswer answer)
    {
        var (promote, reason) = PromotionGate.Decide(_bands);
        return answer with
        {
            Status = promote ? RetrainingStatus.Promoted : RetrainingStatus.Kept,
            Reason = reason,
            Candidate = Manifest.Id,
            Bands = [.. _bands.Select(AnswerOf)],
        };
    }

    /// <summary>Makes the report page. It shows only people who were not deleted.</summary>
    public async Task<HtmlPage> PageAsync(RetrainingAnswer answer, RetrainingPages pages, CancellationToken cancellation) =>
        Page(answer, await _heldOut
            .DistinctBy(face => face.Identity).ToAsyncEnumerable()
            .Where(async (face, stop) => !await pages.IsHiddenAsync(face.Identity!, stop))
            .Take(Strips).ToArrayAsync(cancellation));

    public void Dispose()
    {
        _candidate.Dispose();
        _current?.Dispose();
        _embedder.Dispose();
    }

    private string CurrentId => _current?.Id ?? "no enhancer";

    private HtmlPage Page(RetrainingAnswer answer, IReadOnlyList<TrainingFace> shown) => new RetrainingPage
    {
        Candidate = Manifest.Id,
        Current = CurrentId,
        Decision = answer.Reason!,
        Facts =
        [
            ("Decision", answer.Status == RetrainingStatus.Promoted ? $"{Manifest.Id} is promoted" : $"{CurrentId} stays in use"),
            (
                "Experiment",
                $"{answer.Experiment}, {Number(answer.Steps)} steps{(answer.From is { } from ? $" from {from}" : " from random weights")}"),
            ("Recogniser", _embedder.Id),
            (
                "Faces",
                $"{Number(answer.Data!.Faces)} of {Number(answer.Data.Identities)} people, including those for thresholds and gate"),
            ("Started", answer.StartedOn!.Value.ToString("u", CultureInfo.InvariantCulture)),
        ],
        Bands = _bands,
        Calibration = _calibration,
        Pictures = PictureStrips.Make(shown, [.. Columns()], StripSizes),
    }.ToPage();

    private IEnumerable<KeyValuePair<string, Func<IReadOnlyList<RgbImage>, IReadOnlyList<RgbImage>>>> Columns()
    {
        if (_current is { } current)
            yield return new($"{current.Id}, in use", current.Enhance);
        yield return new($"{Manifest.Id}, candidate", _candidate.Enhance);
    }

    private static FacePipeline PipelineOf(FaceEmbedder embedder, FaceEnhancer? enhancer) =>
        new(embedder.Id, embedder.Embed, enhancer?.Id, enhancer is null ? null : enhancer.Enhance);

    // Without an enhancer, or without a policy for this recogniser, no band is enhanced.
    private static RecognitionPolicy PolicyOf(ModelManifest? manifest, string recogniser, double far) =>
        manifest?.PolicyFor(recogniser) ?? new RecognitionPolicy(
            recogniser, far, ResolutionBand.All.Select(band => new BandPolicy(band, Enhance: false, Threshold: 1)));

    private static IdentificationProtocol ProtocolOf(string name, IReadOnlyList<TrainingFace> faces) =>
        IdentificationProtocol.Create(name, faces, probesPerPerson: ProbesPerPerson);

    private static RetrainedBand AnswerOf(BandComparison band) => new(
        band.Set == "fixed" ? EvaluationSet.Fixed : EvaluationSet.HeldOut, band.Band, band.Probes,
        FiguresOf(band.Current), FiguresOf(band.Candidate),
        new Gain(band.TarGain.Value, band.TarGain.Low, band.TarGain.High),
        new Gain(band.AucGain.Value, band.AucGain.Low, band.AucGain.High),
        band.Verdict);

    private static BandFigures FiguresOf(BandOutcome outcome) =>
        new(outcome.Enhance, outcome.Measures.Tar.Value, outcome.Measures.Auc.Value);

    private static string Number(int value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
