using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using IpuNet.Faces.Reports;

namespace IpuNet.CommandLine.Terminals;

/// <summary>Adds up the times that the stages, or the models, report in their metrics from now on.</summary>
public sealed class StageTimes : IDisposable
{
    private readonly ConcurrentDictionary<string, (long Count, double Seconds)> _stages = new();
    private readonly MeterListener _listener = new();

    /// <param name="meter">Name of the meter.</param>
    /// <param name="name">Name of the histogram of seconds.</param>
    /// <param name="tag">The tag whose values are the stages.</param>
    /// <param name="isCounted">Says, where a time is reported, whether it counts. Null counts every time of the process.</param>
    public StageTimes(string meter, string name, string tag, Func<bool>? isCounted = null)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == meter && instrument.Name == name)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, tags, _) =>
        {
            foreach (var (key, value) in tags)
            {
                if (key == tag && isCounted?.Invoke() != false)
                    _stages.AddOrUpdate($"{value}", (1, seconds), (_, sum) => (sum.Count + 1, sum.Seconds + seconds));
            }
        });
        _listener.Start();
    }

    /// <summary>The stages with their runs and seconds, the longest first.</summary>
    public IEnumerable<(string Stage, long Count, double Seconds)> All => _stages.Select(
        stage => (stage.Key, stage.Value.Count, stage.Value.Seconds)).OrderByDescending(stage => stage.Seconds);

    /// <summary>The time of each stage, including what it waits for. Several stages run at the same time.</summary>
    /// <param name="title">Title of the table.</param>
    public ReportTable Table(string title)
    {
        var table = new ReportTable(
            title, new("Stage"), new("Runs", Numeric: true), new("Total s", Numeric: true), new("ms each", Numeric: true));
        foreach (var (stage, count, seconds) in All)
            table.Add(stage, Text(count, "#,0"), Text(seconds, "0.0"), Text(1000 * seconds / count, "0.0"));
        return table;
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
