using System.Diagnostics;

namespace IpuNet.Benchmarks.Stages;

/// <summary>A step of the work. The shortest of several times counts, because other load on the machine can only add to it.</summary>
/// <param name="Name">Name of the step.</param>
/// <param name="Items">Number of items in one run.</param>
/// <param name="Unit">Name of the items.</param>
/// <param name="Work">Runs the step once.</param>
internal sealed record Stage(string Name, int Items, string Unit, Action Work)
{
    /// <summary>The shortest time of a run.</summary>
    public TimeSpan Least { get; private set; } = TimeSpan.MaxValue;

    /// <summary>The time of ONNX Runtime in that run.</summary>
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
