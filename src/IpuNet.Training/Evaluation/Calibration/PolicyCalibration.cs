using IpuNet.Faces.Recognition;
using IpuNet.Training.Evaluation.Metrics;
using IpuNet.Training.Evaluation.Protocols;

namespace IpuNet.Training.Evaluation.Calibration;

/// <summary>
/// Measures a recognition policy: for each resolution band the threshold at a false acceptance rate, from the scores of all
/// pairs of two people in a set, and whether super-resolution helps there.
/// </summary>
/// <param name="pipeline">What is calibrated.</param>
/// <param name="alignment">How the set's images become aligned faces.</param>
public sealed class PolicyCalibration(FacePipeline pipeline, EvaluationAlignment alignment)
{
    /// <summary>Calibrates.</summary>
    /// <param name="protocol">
    /// Gallery and probes, none of whose people the enhancer was trained on, or the thresholds are too high and the gain too fair.
    /// </param>
    /// <param name="options">What to calibrate for; null for the defaults.</param>
    /// <param name="progress">Is told after each batch of faces.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="Faces.FaceDataException">An image cannot be read.</exception>
    public CalibrationReport Run(
        IdentificationProtocol protocol, CalibrationOptions? options = null,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        options ??= new();
        BandTrial[] trials = BandTrial.All(protocol, options.Seed);
        var run = new EmbeddingRun(pipeline, alignment);
        foreach (var trial in trials)
        {
            trial.Want(run, enhanced: false);
            if (pipeline.Enhance is not null)
                trial.Want(run, enhanced: true);
        }

        var embeddings = run.Run(progress, cancellation);
        CalibratedBand[] bands = [.. trials.Select(trial => Calibrate(trial, embeddings, options.Far))];
        return new()
        {
            Protocol = protocol.Name,
            Recogniser = pipeline.Recogniser,
            Enhancer = pipeline.Enhancer,
            Alignment = alignment.Id,
            ImagesWithoutFace = embeddings.WithoutFace,
            Bands = bands,
            Policy = new(pipeline.Recogniser, options.Far, trials.Zip(bands, (trial, band) => Decide(trial.Band, band))),
        };
    }

    private static BandPolicy Decide(ResolutionBand band, CalibratedBand evidence) => evidence.Enhance
        ? new(band, Enhance: true, evidence.Enhanced!.Threshold, evidence.Bicubic.Threshold) { Expected = evidence.Enhanced.Expected }
        : new(band, Enhance: false, evidence.Bicubic.Threshold, evidence.Enhanced?.Threshold) { Expected = evidence.Bicubic.Expected };

    private CalibratedBand Calibrate(BandTrial trial, FaceEmbeddings embeddings, double far)
    {
        var bicubic = BandTreatment.Of(trial.Scores(embeddings, enhanced: false), far);
        var enhanced = pipeline.Enhance is null ? null : BandTreatment.Of(trial.Scores(embeddings, enhanced: true), far);
        return new()
        {
            Band = trial.Band.Name,
            MinHeight = trial.MinHeight,
            MaxHeight = trial.MaxHeight,
            Genuine = bicubic.Scores.Genuine.Count,
            Impostors = bicubic.Scores.ImpostorCount,
            FarMeasurable = FarThreshold.IsMeasurable(bicubic.Scores.ImpostorCount, far),
            Bicubic = bicubic.Measures(),
            Enhanced = enhanced?.Measures(),
            TarGain = enhanced is null ? null : BandTreatment.TarGain(bicubic, enhanced),
            AucGain = enhanced is null ? null : BandTreatment.AucGain(bicubic, enhanced),
        };
    }
}
