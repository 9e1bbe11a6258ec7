namespace IpuNet.Training.Tests;

/// <summary>Keeps what is reported, on the thread that reports it.</summary>
internal sealed class Recorder<T>(Action<T>? also = null) : IProgress<T>
{
    public List<T> Reports { get; } = [];

    public void Report(T value)
    {
        Reports.Add(value);
        also?.Invoke(value);
    }
}
