using IpuNet.Faces;

namespace IpuNet.Training.Runs;

/// <summary>Tells of files that a training or an evaluation leaves out: the first by name, all by number.</summary>
/// <param name="reports">Is told.</param>
public sealed class UnreadableImages(IProgress<WorkReport> reports)
{
    private const int Shown = 20;
    private int _count;

    /// <summary>Whether there is one.</summary>
    public bool Any => _count > 0;

    /// <summary>Takes one; from any thread.</summary>
    public void Add(FaceDataException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (Interlocked.Increment(ref _count) <= Shown)
            reports.Warn(error.Message);
    }

    /// <summary>Says how many there were.</summary>
    public void Summarise()
    {
        if (_count > 0)
            reports.Warn($"{_count:N0} images cannot be read and are left out{(_count > Shown ? $"; the first {Shown} are named above" : "")}.");
    }
}
