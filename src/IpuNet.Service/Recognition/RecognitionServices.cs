using System.Diagnostics.Metrics;
using IpuNet.Contract;
using IpuNet.Faces.Policies;
using IpuNet.Service.Galleries;
using IpuNet.Service.Reports;
using IpuNet.Service.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Recognition;

/// <summary>Registers recognition.</summary>
public static class RecognitionServices
{
    /// <summary>
    /// Adds <see cref="RecognitionConsumer"/>, configured by the section <see cref="RecognitionOptions.Section"/>. Storage, queues and
    /// models must be registered too.
    /// </summary>
    public static IServiceCollection AddRecognition(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<RecognitionOptions>().Bind(configuration.GetSection(RecognitionOptions.Section))
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddGalleries();
        services.TryAddSingleton<BatchReporter>();
        services.AddHostedService<RecognitionConsumer>();
        return services;
    }
}

/// <summary>The log messages of recognition. They contain no name of an image or a subject.</summary>
internal static partial class RecognitionLog
{
    [LoggerMessage(1, LogLevel.Debug, "Message {Message} of batch {Batch}: {Images} images done.")]
    public static partial void Done(this ILogger logger, string message, string batch, int images);

    [LoggerMessage(
        2, LogLevel.Warning, "Message {Message} was delivered {Delivery} times without success. Processing its images one by one.")]
    public static partial void Suspected(this ILogger logger, string message, long delivery);

    [LoggerMessage(3, LogLevel.Error, "The models failed on a batch. Processing its {Images} images one by one.")]
    public static partial void PipelineFailed(this ILogger logger, Exception error, int images);
}

/// <summary>The metrics of recognition.</summary>
internal static class RecognitionMetrics
{
    private static readonly Counter<long> FacesCounter = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.faces", "{face}", "Processed faces.");

    private static readonly Counter<long> ImagesCounter = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.images", "{image}", "Images that have a result, by status.");

    private static readonly Histogram<int> FillHistogram = ServiceMeter.Meter.CreateHistogram<int>(
        "ipunet.batch.fill", "{image}", "Images that shared the models' batch.");

    public static void Result(ResultMetadata result)
    {
        ImagesCounter.Add(1, new KeyValuePair<string, object?>("status", ResultMetadata.NameOf(result.Status)));
        if (result.Status == ImageStatus.Ok)
            FacesCounter.Add(result.Faces);
    }

    public static void Batch(int images) => FillHistogram.Record(images);
}

/// <summary>
/// The metrics that show whether images still resemble those that the models were calibrated with. If not, it is time to retrain. They
/// contain no names.
/// </summary>
internal static class DriftMetrics
{
    private const string BandTag = "band", DecisionTag = "decision", PlaceTag = "place";

    private static readonly Counter<long> Decisions = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.drift.decisions", "{face}", "Faces by resolution band and decision: the share of each band, and of unknown faces in it.");

    private static readonly Histogram<double> Scores = ServiceMeter.Meter.CreateHistogram<double>(
        "ipunet.drift.score", "1", "Best score of each face, by resolution band and decision.");

    private static readonly Counter<long> Places = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.drift.places", "{face}",
        "Known faces by resolution band and by the place of their score among the calibration scores. Expected: a tenth 'low', a tenth "
        + "'high', two fifths 'below-median' and two fifths 'above-median'.");

    public static void Record(IEnumerable<ImageAnswer> answers, RecognitionPolicy policy)
    {
        foreach (FaceAnswer face in answers.SelectMany(answer => answer.Faces))
        {
            KeyValuePair<string, object?> band = new(BandTag, face.Band), decision = new(DecisionTag, face.Decision);
            Decisions.Add(1, band, decision);
            if (face.Matches is not [var best, ..])
                continue;
            Scores.Record(best.Score, band, decision);
            if (face.Decision == FaceDecision.Known && policy.Bands.Single(entry => entry.Band.Name == face.Band).Expected is { } expected)
                Places.Add(1, band, new(PlaceTag, expected.PlaceOf(best.Score)));
        }
    }
}
