using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;

namespace IpuNet.Benchmarks;

/// <summary>Adds up what the stages of the work take, as they measure it themselves.</summary>
internal sealed class StageTimes : IDisposable
{
    private readonly ConcurrentDictionary<string, (long Count, double Seconds)> _stages = new();
    private readonly MeterListener _listener = new();

    public StageTimes()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == PipelineStage.SourceName && instrument.Name == PipelineStage.Instrument)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, tags, _) =>
        {
            foreach (var (tag, value) in tags)
            {
                if (tag == PipelineStage.StageTag)
                    _stages.AddOrUpdate($"{value}", (1, seconds), (_, sum) => (sum.Count + 1, sum.Seconds + seconds));
            }
        });
        _listener.Start();
    }

    /// <summary>The stages; several go on at the same time, and what one waits for is in its time.</summary>
    /// <param name="title">What is measured.</param>
    public ReportTable Table(string title)
    {
        var table = new ReportTable(title, new(""), new("times", Numeric: true), new("s together", Numeric: true), new("ms each", Numeric: true));
        foreach (var (stage, (count, seconds)) in _stages.OrderByDescending(stage => stage.Value.Seconds))
            table.Add(stage, Text(count, "#,0"), Text(seconds, "0.0"), Text(1000 * seconds / count, "0.0"));
        return table;
    }

    public void Dispose() => _listener.Dispose();

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
