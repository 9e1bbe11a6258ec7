using System.Diagnostics.Metrics;
using IpuNet.Faces.Models;

namespace IpuNet.Cli.Bench;

/// <summary>Adds up the time that ONNX Runtime takes, as the sessions measure it.</summary>
internal sealed class OnnxTime : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _adding = new();
    private double _seconds;

    public OnnxTime()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == OnnxSession.MeterName && instrument.Name == OnnxSession.DurationInstrument)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) =>
        {
            lock (_adding)
                _seconds += seconds;
        });
        _listener.Start();
    }

    /// <summary>The time since the last call.</summary>
    public TimeSpan Take()
    {
        lock (_adding)
        {
            var taken = TimeSpan.FromSeconds(_seconds);
            _seconds = 0;
            return taken;
        }
    }

    public void Dispose() => _listener.Dispose();
}
