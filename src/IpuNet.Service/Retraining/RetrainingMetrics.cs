using System.Diagnostics.Metrics;
using IpuNet.Service.Telemetry;

namespace IpuNet.Service.Retraining;

/// <summary>What the retraining measures of itself.</summary>
public static class RetrainingMetrics
{
    private static readonly Counter<long> Jobs = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.retrainings", "{job}", "Retrainings that have an answer, by status.");

    private static readonly Histogram<double> Duration = ServiceMeter.Meter.CreateHistogram<double>(
        "ipunet.retraining.duration", "s", "Time from the beginning of a training to its answer, pauses included, by status.");

    private static readonly Counter<long> Steps = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.retraining.steps", "{step}", "Steps of trainings that have an answer, by status.");

    private static readonly Counter<long> RefusedImages = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.retraining.refused", "{image}", "Images that could not be learnt from, by category.");

    /// <summary>Counts a training that has its answer.</summary>
    public static void Done(RetrainingAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var status = new KeyValuePair<string, object?>("status", answer.Status.ToString().ToLowerInvariant());
        Jobs.Add(1, status);
        Steps.Add(answer.Steps, status);
        if (answer.StartedOn is { } started)
            Duration.Record((answer.FinishedOn - started).TotalSeconds, status);
        foreach ((string category, int count) in answer.Data?.Refused ?? new Dictionary<string, int>())
            RefusedImages.Add(count, new KeyValuePair<string, object?>("category", category));
    }
}
