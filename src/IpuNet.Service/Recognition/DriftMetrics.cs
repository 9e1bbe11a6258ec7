using System.Diagnostics.Metrics;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Recognition;
using IpuNet.Service.Telemetry;

namespace IpuNet.Service.Recognition;

/// <summary>What says that images are no longer like those that the models were measured on: the time to retrain. It names nobody.</summary>
internal static class DriftMetrics
{
    private const string BandTag = "band", DecisionTag = "decision", PlaceTag = "place";

    private static readonly Counter<long> Decisions = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.drift.decisions", "{face}", "Faces by resolution band and decision: the share of each band, and of unknown faces in it.");

    private static readonly Histogram<double> Scores = ServiceMeter.Meter.CreateHistogram<double>(
        "ipunet.drift.score", "1", "Best score of each face, by resolution band and decision.");

    private static readonly Counter<long> Places = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.drift.places", "{face}",
        "Known faces by resolution band and by where their score lies among those of the calibration: a tenth is to be 'low' and a tenth 'high', two fifths each 'below-median' and 'above-median'.");

    public static void Record(IEnumerable<ImageAnswer> answers, RecognitionPolicy policy)
    {
        foreach (FaceAnswer face in answers.SelectMany(answer => answer.Faces))
        {
            KeyValuePair<string, object?> band = new(BandTag, face.Band), decision = new(DecisionTag, face.Decision);
            Decisions.Add(1, band, decision);
            if (face.Matches is not [var best, ..])
                continue;
            Scores.Record(best.Score, band, decision);
            if (face.Decision == "known" && policy.Bands.Single(entry => entry.Band.Name == face.Band).Expected is { } expected)
                Places.Add(1, band, new(PlaceTag, expected.PlaceOf(best.Score)));
        }
    }
}
