using System.Diagnostics.Metrics;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Telemetry;

namespace IpuNet.Service.Recognition;

/// <summary>What the recognition measures of itself.</summary>
internal static class RecognitionMetrics
{
    private static readonly Counter<long> FacesCounter = ServiceMeter.Meter.CreateCounter<long>("ipunet.faces", "{face}", "Faces that were recognised.");

    private static readonly Counter<long> ImagesCounter = ServiceMeter.Meter.CreateCounter<long>("ipunet.images", "{image}", "Images that have a result, by status.");

    private static readonly Histogram<int> FillHistogram = ServiceMeter.Meter.CreateHistogram<int>("ipunet.batch.fill", "{image}", "Images that shared the models' batch.");

    private static readonly Histogram<double> StageHistogram = ServiceMeter.Meter.CreateHistogram<double>("ipunet.stage.duration", "s", "Time of a stage of the work, by stage.");

    private static readonly Counter<long> RefusedCounter = ServiceMeter.Meter.CreateCounter<long>("ipunet.refused", "{message}", "Messages that were refused, by category.");

    public static void Refused(string category) => RefusedCounter.Add(1, new KeyValuePair<string, object?>("category", category));

    public static void Result(ResultMetadata result)
    {
        ImagesCounter.Add(1, new KeyValuePair<string, object?>("status", ResultMetadata.NameOf(result.Status)));
        if (result.Status == ImageStatus.Ok)
            FacesCounter.Add(result.Faces);
    }

    public static void Batch(int images) => FillHistogram.Record(images);

    public static void Stage(string stage, TimeSpan duration) =>
        StageHistogram.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("stage", stage));
}
