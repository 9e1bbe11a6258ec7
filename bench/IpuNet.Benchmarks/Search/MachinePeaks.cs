using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace IpuNet.Benchmarks.Search;

/// <summary>Measures the peak speed of all cores together, for comparison in <see cref="SearchBenchmark"/>.</summary>
internal static class MachinePeaks
{
    private const int PieceLength = 1 << 16;
    private const int MultiplyAddRounds = 4_000_000;
    private const int AccumulatorsAtOnce = 12;

    /// <summary>Sums memory on all cores: one pass with little arithmetic.</summary>
    public static float Sum(float[] memory)
    {
        var pieces = (memory.Length + PieceLength - 1) / PieceLength;
        var total = 0f;
        var adding = new Lock();
        Parallel.For(0, pieces, () => 0f, (piece, _, sum) => sum + SumOf(Piece(piece)), sum =>
        {
            lock (adding)
                total += sum;
        });
        return total;

        ReadOnlySpan<float> Piece(int piece) =>
            memory.AsSpan(piece * PieceLength, Math.Min(PieceLength, memory.Length - piece * PieceLength));
    }

    /// <summary>Measures multiply-adds in registers, on all cores.</summary>
    /// <returns>Single-precision operations in a second.</returns>
    public static double MultiplyAddFlops()
    {
        var cores = Environment.ProcessorCount;
        var start = Stopwatch.GetTimestamp();
        Parallel.For(0, cores, _ => MultiplyAdds(MultiplyAddRounds));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return 2.0 * Vector<float>.Count * AccumulatorsAtOnce * MultiplyAddRounds * cores / seconds;
    }

    // Reads at four places at once, as the search does. One stream alone does not reach the speed of the memory.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float SumOf(ReadOnlySpan<float> piece)
    {
        var width = Vector<float>.Count;
        var quarter = piece.Length / (4 * width) * width;
        ref var first = ref MemoryMarshal.GetReference(piece);
        Vector<float> a = default, b = default, c = default, d = default;
        for (var i = 0; i < quarter; i += width)
        {
            a += Vector.LoadUnsafe(ref first, (nuint)i);
            b += Vector.LoadUnsafe(ref first, (nuint)(i + quarter));
            c += Vector.LoadUnsafe(ref first, (nuint)(i + 2 * quarter));
            d += Vector.LoadUnsafe(ref first, (nuint)(i + 3 * quarter));
        }

        var rest = 0f;
        foreach (var value in piece[(4 * quarter)..])
            rest += value;
        return Vector.Sum(a + b + (c + d)) + rest;
    }

    // Twelve accumulators hide the latency. The factor keeps their values finite. The compiler cannot know it, so it cannot leave out work.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float MultiplyAdds(int rounds)
    {
        var factor = Vector.Create(1f / rounds);
        Vector<float> a = factor, b = factor, c = factor, d = factor, e = factor, f = factor;
        Vector<float> g = factor, h = factor, i = factor, j = factor, k = factor, l = factor;
        for (var round = 0; round < rounds; round++)
        {
            a = Vector.MultiplyAddEstimate(factor, factor, a);
            b = Vector.MultiplyAddEstimate(factor, factor, b);
            c = Vector.MultiplyAddEstimate(factor, factor, c);
            d = Vector.MultiplyAddEstimate(factor, factor, d);
            e = Vector.MultiplyAddEstimate(factor, factor, e);
            f = Vector.MultiplyAddEstimate(factor, factor, f);
            g = Vector.MultiplyAddEstimate(factor, factor, g);
            h = Vector.MultiplyAddEstimate(factor, factor, h);
            i = Vector.MultiplyAddEstimate(factor, factor, i);
            j = Vector.MultiplyAddEstimate(factor, factor, j);
            k = Vector.MultiplyAddEstimate(factor, factor, k);
            l = Vector.MultiplyAddEstimate(factor, factor, l);
        }

        return Vector.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
