using IpuNet.Training.Degradation;

namespace IpuNet.Training.Evaluation;

/// <summary>How a probe is made of an aligned face, and what is done with it before recognition.</summary>
/// <param name="Size">The size that the face is brought down to; null leaves it as it is (HR).</param>
/// <param name="Enhanced">True for super-resolution, false for bicubic enlargement.</param>
public readonly record struct ProbeCondition(FaceSize? Size, bool Enhanced)
{
    /// <summary>The high-resolution face as it is: what a gallery holds.</summary>
    public static ProbeCondition Gallery => default;

    /// <summary>The size as reports write it: "16x16" (height, width), or "HR".</summary>
    public string Probe => Size?.ToString() ?? "HR";

    /// <summary>Each size, and HR, without and (where there is an enhancer) with SR.</summary>
    internal static IEnumerable<ProbeCondition> Of(IEnumerable<FaceSize> sizes, bool highResolution, bool enhancer)
    {
        FaceSize?[] all = [.. sizes, .. highResolution ? [null] : Array.Empty<FaceSize?>()];
        return all.SelectMany(size => enhancer ? [new(size, false), new(size, true)] : new ProbeCondition[] { new(size, false) });
    }

    /// <inheritdoc/>
    public override string ToString() => Enhanced ? $"{Probe} SR" : Probe;
}
