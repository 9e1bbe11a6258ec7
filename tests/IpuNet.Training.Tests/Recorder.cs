namespace IpuNet.Training.Tests;

/// <summary>Records reports on the reporting thread.</summary>
internal sealed class Recorder<T>(Action<T>? also = null) : IProgress<T>
{
    public List<T> Reports { get; } = [];

    public void Report(T value)
    {
        Reports.Add(value);
        also?.Invoke(value);
    }
}
