using System.Diagnostics;
using System.Diagnostics.Metrics;
using IpuNet.Faces.Models;

namespace IpuNet.Benchmarks.Stages;

/// <summary>Measures the time in which ONNX Runtime works, from the metrics of the sessions. Parallel runs count once.</summary>
internal sealed class OnnxTime : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _adding = new();
    private readonly List<(long Start, long End)> _runs = [];

    public OnnxTime()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == OnnxSession.MeterName && instrument.Name == OnnxSession.DurationInstrument)
                listener.EnableMeasurementEvents(instrument);
        };
        // The metric arrives at the end of a run.
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) =>
        {
            long end = Stopwatch.GetTimestamp();
            lock (_adding)
                _runs.Add((end - (long)(seconds * Stopwatch.Frequency), end));
        });
        _listener.Start();
    }

    /// <summary>The time since the last call.</summary>
    public TimeSpan Take()
    {
        lock (_adding)
        {
            var taken = TimeSpan.FromSeconds((double)Covered(_runs) / Stopwatch.Frequency);
            _runs.Clear();
            return taken;
        }
    }

    /// <summary>The time during which at least one run is active.</summary>
    internal static long Covered(IEnumerable<(long Start, long End)> runs)
    {
        long covered = 0, until = long.MinValue;
        foreach (var (start, end) in runs.OrderBy(run => run.Start))
        {
            covered += Math.Max(0, end - Math.Max(start, until));
            until = Math.Max(until, end);
        }

        return covered;
    }

    public void Dispose() => _listener.Dispose();
}
