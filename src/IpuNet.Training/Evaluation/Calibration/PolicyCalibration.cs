using IpuNet.Contract;
using IpuNet.Faces.Policies;
using IpuNet.Training.Evaluation.Metrics;
using IpuNet.Training.Evaluation.Protocols;

namespace IpuNet.Training.Evaluation.Calibration;

/// <summary>
/// Measures a recognition policy. For each band, it finds the threshold for a false accept rate (FAR), and whether super-resolution
/// helps. The evidence is the score of every probe with every subject of a gallery.
/// </summary>
/// <param name="pipeline">The models to calibrate.</param>
/// <param name="alignment">Turns the images into aligned faces.</param>
public sealed class PolicyCalibration(FacePipeline pipeline, EvaluationAlignment alignment)
{
    /// <summary>Measures the policy.</summary>
    /// <param name="protocol">
    /// Gallery and probes, of people that the enhancer was not trained on. With people that it was trained on, the thresholds would be too
    /// high, and the gain by super-resolution would look too large.
    /// </param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="progress">Gets the progress after each batch of faces.</param>
    /// <param name="cancellation">Cancels the operation between batches.</param>
    /// <exception cref="FaceDataException">An image cannot be read.</exception>
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
            trial.AddTo(run, enhanced: false);
            if (pipeline.Enhance is not null)
                trial.AddTo(run, enhanced: true);
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

/// <summary>Options of a calibration.</summary>
public sealed record CalibrationOptions
{
    /// <summary>The false accept rate (FAR), which is about one comparison of two different people.</summary>
    /// <value>
    /// Default 0.1 %; above 0, below 1. A search compares a probe with every subject. So in a gallery of N subjects, a stranger gets a name
    /// about N times as often.
    /// </value>
    public double Far { get; init; } = 0.001;

    /// <summary>Seed for the sizes of the probes within their bands.</summary>
    public int Seed { get; init; } = 1;
}
