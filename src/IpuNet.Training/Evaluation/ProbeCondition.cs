using IpuNet.Training.Degradation;

namespace IpuNet.Training.Evaluation;

/// <summary>How a probe is made from an aligned face.</summary>
/// <param name="Size">The size of the low-resolution face; null for the original (HR).</param>
/// <param name="Enhanced">True for super-resolution, false for bicubic enlargement.</param>
public readonly record struct ProbeCondition(FaceSize? Size, bool Enhanced)
{
    /// <summary>The original face, as in a gallery.</summary>
    public static ProbeCondition Gallery => default;

    /// <summary>The size in reports: "16x16" (height, width), or "HR".</summary>
    public string Probe => Size?.ToString() ?? "HR";

    /// <summary>The conditions of all sizes: each without SR, and with SR too if there is an enhancer.</summary>
    internal static IEnumerable<ProbeCondition> Of(IEnumerable<FaceSize> sizes, bool highResolution, bool enhancer)
    {
        FaceSize?[] all = [.. sizes, .. highResolution ? [null] : Array.Empty<FaceSize?>()];
        return all.SelectMany(size => enhancer ? [new(size, false), new(size, true)] : new ProbeCondition[] { new(size, false) });
    }

    /// <inheritdoc/>
    public override string ToString() => Enhanced ? $"{Probe} SR" : Probe;
}
