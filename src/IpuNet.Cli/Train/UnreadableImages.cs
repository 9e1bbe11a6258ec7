using IpuNet.Cli.Terminals;
using IpuNet.Faces;

namespace IpuNet.Cli.Train;

/// <summary>Reports images that training leaves out: the first by name, all by number.</summary>
internal sealed class UnreadableImages(Terminal terminal)
{
    private const int Shown = 20;
    private int _count;

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
