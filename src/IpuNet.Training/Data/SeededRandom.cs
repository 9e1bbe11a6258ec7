namespace IpuNet.Training.Data;

/// <summary>
/// Random numbers that depend on a seed and a position alone. So a resumed training draws the same numbers.
/// </summary>
internal static class SeededRandom
{
    /// <summary>The numbers of a position.</summary>
    public static Random Create(int seed, long position)
    {
        // SplitMix64's finaliser (Steele, Lea, Flood 2014): neighbouring positions get unrelated seeds.
        ulong z = unchecked((ulong)position * 0x9E3779B97F4A7C15UL + (uint)seed);
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EBUL);
        return new Random((int)(z >> 33));
    }
}
