using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;

namespace IpuNet.CommandLine.Inputs;

/// <summary>Reports files that a training or an evaluation leaves out: the first by name, all by number.</summary>
/// <param name="terminal">Where.</param>
public sealed class UnreadableImages(Terminal terminal)
{
    private const int Shown = 20;
    private int _count;

    /// <summary>Whether there is one.</summary>
    public bool Any => _count > 0;

    /// <summary>Takes one.</summary>
    public void Add(FaceDataException error)
    {
        if (Interlocked.Increment(ref _count) <= Shown)
            terminal.Warn(error.Message);
    }

    /// <summary>Says how many there were.</summary>
    public void Summarise()
    {
        if (_count > 0)
            terminal.Warn($"{_count:N0} images cannot be read and are left out{(_count > Shown ? $"; the first {Shown} are named above" : "")}.");
    }
}
