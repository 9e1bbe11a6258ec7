using IpuNet.Cli.Terminals;
using IpuNet.Faces;

namespace IpuNet.Cli.Inputs;

/// <summary>Reports files that a training or an evaluation leaves out: the first by name, all by number.</summary>
internal sealed class UnreadableImages(Terminal terminal)
{
    private const int Shown = 20;
    private int _count;

    /// <summary>Whether there is one.</summary>
    public bool Any => _count > 0;

    public void Add(FaceDataException error)
    {
        if (Interlocked.Increment(ref _count) <= Shown)
            terminal.Warn(error.Message);
    }

    public void Summarise()
    {
        if (_count > 0)
            terminal.Warn($"{_count:N0} images cannot be read and are left out{(_count > Shown ? $"; the first {Shown} are named above" : "")}.");
    }
}
