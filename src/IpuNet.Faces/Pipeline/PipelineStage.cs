using System.Diagnostics;
using System.Diagnostics.Metrics;
using IpuNet.Faces.Models;

namespace IpuNet.Faces.Pipeline;

/// <summary>
/// A part of the work on images while it goes on: a span of the traces that the images belong to, and a time of <see cref="Instrument"/>.
/// Both end with <see cref="Dispose"/>.
/// </summary>
public sealed class PipelineStage : IDisposable
{
    /// <summary>Name of the meter and of the source of traces.</summary>
    public const string SourceName = OnnxSession.MeterName;

    /// <summary>Histogram of the seconds that a stage takes for an image or a batch of images, tagged with <see cref="StageTag"/>.</summary>
    public const string Instrument = "ipunet.stage.duration";

    /// <summary>Tag with the name of the stage.</summary>
    public const string StageTag = "stage";

    private static readonly ActivitySource Activities = new(SourceName);
    private static readonly Histogram<double> Durations = OnnxSession.Meter.CreateHistogram<double>(Instrument, "s", "Time of a stage of the work, by stage.");

    private readonly string _name;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Activity? _span, _before;

    private PipelineStage(string name, Activity? span, Activity? before) => (_name, _span, _before) = (name, span, before);

    /// <summary>Begins a stage of whatever is under way.</summary>
    /// <param name="name">What is done, one word.</param>
    public static PipelineStage Begin(string name)
    {
        Activity? before = Activity.Current;
        return new PipelineStage(name, Activities.StartActivity(name), before);
    }

    /// <summary>Begins a stage that serves some images at once.</summary>
    /// <param name="name">What is done, one word.</param>
    /// <param name="traces">
    /// The trace of each image, default for none. The span is part of their trace where they have one; where they have several it belongs to
    /// none of them and links to all.
    /// </param>
    public static PipelineStage Begin(string name, IEnumerable<ActivityContext> traces)
    {
        ArgumentNullException.ThrowIfNull(traces);
        Activity? before = Activity.Current;
        // Asked for even where nobody listens, so that a fault in the caller shows then too.
        ActivityContext[] served = [.. traces.Where(trace => trace != default).Distinct()];
        if (!Activities.HasListeners())
            return new PipelineStage(name, null, before);

        Activity.Current = null;
        Activity? span = served is [var one]
            ? Activities.StartActivity(name, ActivityKind.Internal, one)
            : Activities.StartActivity(name, ActivityKind.Internal, default(ActivityContext), links: served.Select(trace => new ActivityLink(trace)));
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
