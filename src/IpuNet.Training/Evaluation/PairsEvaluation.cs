using IpuNet.Contract;
using IpuNet.Training.Evaluation.Metrics;
using IpuNet.Training.Evaluation.Protocols;

namespace IpuNet.Training.Evaluation;

/// <summary>
/// Verification across resolutions. One image of each pair is the probe: it is made small by area averaging and rounded to 8 bit. The
/// other image is the gallery image and stays as it is.
/// </summary>
/// <param name="pipeline">The models under evaluation.</param>
/// <param name="alignment">Turns the images into aligned faces.</param>
public sealed class PairsEvaluation(FacePipeline pipeline, EvaluationAlignment alignment)
{
    /// <summary>Runs the evaluation.</summary>
    /// <param name="protocol">The pairs.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="progress">Gets the progress after each batch of faces.</param>
    /// <param name="cancellation">Cancels the operation between batches.</param>
    /// <exception cref="FaceDataException">
    /// An image cannot be read. Or the report with the thresholds is about other models or another alignment, or lacks a size.
    /// </exception>
    public PairsReport Run(
        PairsProtocol protocol, PairsOptions? options = null, IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        options ??= new();
        if (options.Probe == ProbeImage.Second)
            protocol = protocol.Swapped();
        ProbeCondition[] conditions = [.. ProbeCondition.Of(options.Sizes, options.HighResolution, pipeline.Enhance is not null)];
        var thresholds = Thresholds(options.Calibration, conditions);
        var embeddings = Embed(protocol, conditions, progress, cancellation);
        return new()
        {
            Protocol = protocol.Name,
            Recogniser = pipeline.Recogniser,
            Enhancer = pipeline.Enhancer,
            Alignment = alignment.Id,
            GenuinePairs = protocol.Pairs.Count(pair => pair.Genuine),
            ImpostorPairs = protocol.Pairs.Count(pair => !pair.Genuine),
            ProbeImage = options.Probe,
            ImagesWithoutFace = embeddings.WithoutFace,
            CalibratedOn = options.Calibration?.Protocol,
            Rows = [.. conditions.AsParallel().AsOrdered().Select(condition => Row(protocol, condition, embeddings, thresholds, options))],
        };
    }

    private FaceEmbeddings Embed(
        PairsProtocol protocol, ProbeCondition[] conditions, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        var run = new EmbeddingRun(pipeline, alignment) { MeasuresQuality = true };
        foreach (var pair in protocol.Pairs)
        {
            run.Add(pair.Second, ProbeCondition.Gallery);
            foreach (var condition in conditions)
                run.Add(pair.First, condition);
        }

        return run.Run(progress, cancellation);
    }

    private static PairsRow Row(
        PairsProtocol protocol, ProbeCondition condition, FaceEmbeddings embeddings, Dictionary<ProbeCondition, float> thresholds,
        PairsOptions options)
    {
        VerificationScores[] folds = [.. protocol.Folds.Select(fold => Scores(fold, condition, embeddings))];
        var scores = VerificationScores.Union(folds);
        int pairs = scores.Genuine.Length + scores.Impostor.Length;
        var roc = RocCurve.From(scores);
        var best = VerificationAccuracy.Best(scores);
        double[] rates = [.. options.Fars];
        var intervals = Bootstrap.Intervals(
            scores, options.Resamples,
            [curve => curve.Area(), .. rates.Select(far => (Func<RocCurve, double>)(curve => curve.AtFar(far).Tar))]);
        var quality = embeddings.MeanQuality(condition);
        return new()
        {
            Probe = condition.Probe,
            Enhanced = condition.Enhanced,
            BestAccuracy = Measure.Share(VerificationAccuracy.CorrectAt(scores, best.Threshold), pairs),
            BestThreshold = best.Threshold,
            CrossValidatedAccuracy = folds.Length > 1 ? VerificationAccuracy.CrossValidated(folds) : null,
            CalibratedAccuracy = thresholds.TryGetValue(condition, out float threshold)
                ? Measure.Share(VerificationAccuracy.CorrectAt(scores, threshold), pairs)
                : null,
            Auc = Measure.Of(roc.Area(), intervals[0]),
            TarAtFar = [.. rates.Select((far, i) => new TarAtFar(
                far, Measure.Of(roc.AtFar(far).Tar, intervals[i + 1]), FarThreshold.IsMeasurable(roc.ImpostorCount, far)))],
            Psnr = quality is { Psnr: var psnr } && double.IsFinite(psnr) ? psnr : null,
            Ssim = quality?.Ssim,
            MeanGenuine = scores.MeanGenuine,
            MeanImpostor = scores.MeanImpostor,
            Roc = [.. roc.Corners().Select(corner => new RocCorner(corner.Far, corner.Tar))],
        };
    }

    private static VerificationScores Scores(IReadOnlyList<FacePair> fold, ProbeCondition condition, FaceEmbeddings embeddings)
    {
        float[] Of(bool genuine) =>
            [.. fold.Where(pair => pair.Genuine == genuine).Select(pair => embeddings.Score(pair.First, condition, pair.Second))];
        return new(Of(genuine: true), Of(genuine: false));
    }

    // This check comes before the long part, so that a report that does not fit is refused at once.
    private Dictionary<ProbeCondition, float> Thresholds(PairsReport? calibration, ProbeCondition[] conditions)
    {
        if (calibration is null)
            return [];
        var here = (pipeline.Recogniser, pipeline.Enhancer, alignment.Id);
        if ((calibration.Recogniser, calibration.Enhancer, calibration.Alignment) != here)
        {
            throw new FaceDataException(
                $"The thresholds of {calibration.Protocol} were measured with {calibration.Recogniser}, "
                + $"{calibration.Enhancer ?? "no enhancer"} and {calibration.Alignment}. "
                + $"This evaluation uses {here.Recogniser}, {here.Enhancer ?? "no enhancer"} and {here.Id}. "
                + $"Evaluate {calibration.Protocol} again with these.");
        }

        return conditions.ToDictionary(condition => condition, condition =>
            calibration.Rows.FirstOrDefault(row => row.Probe == condition.Probe && row.Enhanced == condition.Enhanced)?.BestThreshold
            ?? throw new FaceDataException(
                $"The report on {calibration.Protocol} has no threshold for probes of {condition}. Evaluate {calibration.Protocol} "
                + "again with that size."));
    }
}
