using System.Diagnostics;

namespace IpuNet.Benchmarks;

/// <summary>One part of the work, measured: the least of several times, for what else runs on the machine can only add to it.</summary>
/// <param name="Name">What is done.</param>
/// <param name="Items">How many things are worked on at a time.</param>
/// <param name="Unit">What they are.</param>
/// <param name="Work">Does it once.</param>
internal sealed record Stage(string Name, int Items, string Unit, Action Work)
{
    /// <summary>The least time of one run.</summary>
    public TimeSpan Least { get; private set; } = TimeSpan.MaxValue;

    /// <summary>The part of that time that was ONNX Runtime's.</summary>
    public TimeSpan Onnx { get; private set; }

    public double PerSecond => Items / Least.TotalSeconds;

    public void Measure(OnnxTime onnx)
    {
        onnx.Take();
        long start = Stopwatch.GetTimestamp();
        Work();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start), inOnnx = onnx.Take();
        if (elapsed < Least)
            (Least, Onnx) = (elapsed, inOnnx);
    }
}
