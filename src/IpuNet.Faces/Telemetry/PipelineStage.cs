using System.Diagnostics;
using System.Diagnostics.Metrics;
using IpuNet.Faces.Models;

namespace IpuNet.Faces.Telemetry;

/// <summary>
/// A running stage of the work on images: a span in the traces of the images, and a measurement of <see cref="Instrument"/>.
/// <see cref="Dispose"/> ends both.
/// </summary>
public sealed class PipelineStage : IDisposable
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string SourceName = OnnxSession.MeterName;

    /// <summary>
    /// Histogram of the time that a stage takes for an image or a batch of images, in seconds, tagged with <see cref="StageTag"/>.
    /// </summary>
    public const string Instrument = "ipunet.stage.duration";

    /// <summary>The tag that holds the name of the stage.</summary>
    public const string StageTag = "stage";

    private static readonly ActivitySource Activities = new(SourceName);
    private static readonly Histogram<double> Durations = OnnxSession.Meter.CreateHistogram<double>(
        Instrument, "s", "Time that a stage takes for an image or a batch of images.");

    private readonly string _name;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Activity? _span, _before;

    private PipelineStage(string name, Activity? span, Activity? before) => (_name, _span, _before) = (name, span, before);

    /// <summary>Begins a stage in the current trace.</summary>
    /// <param name="name">The stage's name, one word such as "detect".</param>
    public static PipelineStage Begin(string name)
    {
        Activity? before = Activity.Current;
        return new PipelineStage(name, Activities.StartActivity(name), before);
    }

    /// <summary>Begins a stage that processes several images together.</summary>
    /// <param name="name">The stage's name, one word such as "detect".</param>
    /// <param name="traces">
    /// The trace of each image; default for an image without a trace. If all traced images have the same trace, the span is part of it. If
    /// they have several traces, the span is part of none of them and links to all.
    /// </param>
    public static PipelineStage Begin(string name, IEnumerable<ActivityContext> traces)
    {
        ArgumentNullException.ThrowIfNull(traces);
        Activity? before = Activity.Current;
        // Evaluated also without listeners, so that an error in the caller's sequence always shows.
        ActivityContext[] served = [.. traces.Where(trace => trace != default).Distinct()];
        if (!Activities.HasListeners())
            return new PipelineStage(name, null, before);

        Activity.Current = null;
        Activity? span = served is [var one]
            ? Activities.StartActivity(name, ActivityKind.Internal, one)
            : Activities.StartActivity(
                name, ActivityKind.Internal, default(ActivityContext), links: served.Select(trace => new ActivityLink(trace)));
        if (span is null)
            Activity.Current = before;
        return new PipelineStage(name, span, before);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Durations.Record(Stopwatch.GetElapsedTime(_start).TotalSeconds, new KeyValuePair<string, object?>(StageTag, _name));
        if (_span is null)
            return;
        _span.Dispose();
        Activity.Current = _before;
    }
}
