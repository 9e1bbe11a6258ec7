using System.Diagnostics;

namespace IpuNet.Benchmarks.Service;

/// <summary>Clock time, and the processor time of two processes. Child processes do not count.</summary>
/// <param name="Clock">Clock time.</param>
/// <param name="Own">Processor time of this process.</param>
/// <param name="Other">Processor time of the other process; zero if there is none.</param>
internal readonly record struct ProcessorTime(TimeSpan Clock, TimeSpan Own, TimeSpan Other)
{
    /// <summary>Starts to measure.</summary>
    /// <param name="otherId">Id of another process; null for none.</param>
    /// <returns>A function that returns the times since the start.</returns>
    public static Func<ProcessorTime> Start(int? otherId = null)
    {
        long clock = Stopwatch.GetTimestamp();
        TimeSpan own = Of(Environment.ProcessId), other = Of(otherId);
        return () => new ProcessorTime(Stopwatch.GetElapsedTime(clock), Of(Environment.ProcessId) - own, Of(otherId) - other);
    }

    private static TimeSpan Of(int? id)
    {
        if (id is not { } known)
            return TimeSpan.Zero;
        using var process = Process.GetProcessById(known);
        return process.TotalProcessorTime;
    }
}
