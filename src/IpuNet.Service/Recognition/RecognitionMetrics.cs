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

    public static void Result(ResultMetadata result)
    {
        ImagesCounter.Add(1, new KeyValuePair<string, object?>("status", ResultMetadata.NameOf(result.Status)));
        if (result.Status == ImageStatus.Ok)
            FacesCounter.Add(result.Faces);
    }

    public static void Batch(int images) => FillHistogram.Record(images);
}
