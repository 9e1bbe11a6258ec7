using System.Numerics;
using System.Runtime.CompilerServices;

namespace IpuNet.Faces.Gallery;

/// <summary>
/// Dot products of queries with a panel. A panel holds <see cref="Width"/> vectors side by side, [dimensions, Width]. Each vector is one
/// lane, so no kernel sums across lanes. Each score has one accumulator, which sums over the dimensions in order. So all kernels give the
/// same bits.
/// </summary>
/// <remarks>
/// <see cref="Vector{T}"/> has the widest registers that .NET uses on the machine (AVX2: 8 floats, NEON: 4). A group uses 15 of 16
/// registers: 6 x 2 for accumulators, 2 for the panel and 1 for the query. The matrix product of BLIS for Haswell does the same (Van Zee
/// and van de Geijn, 2015). The kernels are compiled with full optimisation at once. Otherwise the first search of a process would run at
/// a tenth of the speed.
/// </remarks>
internal static unsafe class PanelKernels
{
    /// <summary>Number of queries that <see cref="ScoreGroup"/> handles at once.</summary>
    public const int GroupSize = 6;

    /// <summary>
    /// Number of panels that <see cref="ScorePanels"/> handles at once. It gives enough accumulators to hide the latency of a multiply-add.
    /// </summary>
    public const int PanelsAtOnce = 4;

    /// <summary>Number of vectors in a panel.</summary>
    public static int Width => 2 * Vector<float>.Count;

    /// <summary>Scores a group of queries against one panel.</summary>
    /// <param name="panel">[dimensions, Width], aligned to a register.</param>
    /// <param name="queries">[dimensions, GroupSize].</param>
    /// <param name="dimensions">Numbers in a vector.</param>
    /// <param name="scores">Result, [GroupSize, Width].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScoreGroup(float* panel, float* queries, int dimensions, float* scores)
    {
        Vector<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default;
        Vector<float> d0 = default, d1 = default, e0 = default, e1 = default, f0 = default, f1 = default;
        for (var i = 0; i < dimensions; i++)
        {
            var left = Vector.LoadAligned(panel);
            var right = Vector.LoadAligned(panel + Vector<float>.Count);
            var query = Vector.Create(queries[0]);
            a0 = Vector.MultiplyAddEstimate(query, left, a0);
            a1 = Vector.MultiplyAddEstimate(query, right, a1);
            query = Vector.Create(queries[1]);
            b0 = Vector.MultiplyAddEstimate(query, left, b0);
            b1 = Vector.MultiplyAddEstimate(query, right, b1);
            query = Vector.Create(queries[2]);
            c0 = Vector.MultiplyAddEstimate(query, left, c0);
            c1 = Vector.MultiplyAddEstimate(query, right, c1);
            query = Vector.Create(queries[3]);
            d0 = Vector.MultiplyAddEstimate(query, left, d0);
            d1 = Vector.MultiplyAddEstimate(query, right, d1);
            query = Vector.Create(queries[4]);
            e0 = Vector.MultiplyAddEstimate(query, left, e0);
            e1 = Vector.MultiplyAddEstimate(query, right, e1);
            query = Vector.Create(queries[5]);
            f0 = Vector.MultiplyAddEstimate(query, left, f0);
            f1 = Vector.MultiplyAddEstimate(query, right, f1);
            panel += 2 * Vector<float>.Count;
            queries += GroupSize;
        }

        Store(a0, a1, scores);
        Store(b0, b1, scores + Width);
        Store(c0, c1, scores + 2 * Width);
        Store(d0, d1, scores + 3 * Width);
        Store(e0, e1, scores + 4 * Width);
        Store(f0, f1, scores + 5 * Width);
    }

    /// <summary>Scores one query against <see cref="PanelsAtOnce"/> panels that follow one another in memory.</summary>
    /// <param name="panels">[PanelsAtOnce, dimensions, Width], aligned to a register.</param>
    /// <param name="query">[dimensions].</param>
    /// <param name="dimensions">Numbers in a vector.</param>
    /// <param name="scores">Result, [PanelsAtOnce, Width].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScorePanels(float* panels, float* query, int dimensions, float* scores)
    {
        var next = (nint)dimensions * Width;
        Vector<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        for (var i = 0; i < dimensions; i++)
        {
            var value = Vector.Create(query[i]);
            a0 = Vector.MultiplyAddEstimate(value, Vector.LoadAligned(panels), a0);
            a1 = Vector.MultiplyAddEstimate(value, Vector.LoadAligned(panels + Vector<float>.Count), a1);
            b0 = Vector.MultiplyAddEstimate(value, Vector.LoadAligned(panels + next), b0);
            b1 = Vector.MultiplyAddEstimate(value, Vector.LoadAligned(panels + next + Vector<float>.Count), b1);
            c0 = Vector.MultiplyAddEstimate(value, Vector.LoadAligned(panels + 2 * next), c0);
            c1 = Vector.MultiplyAddEstimate(value, Vector.LoadAligned(panels + 2 * next + Vector<float>.Count), c1);
            d0 = Vector.MultiplyAddEstimate(value, Vector.LoadAligned(panels + 3 * next), d0);
            d1 = Vector.MultiplyAddEstimate(value, Vector.LoadAligned(panels + 3 * next + Vector<float>.Count), d1);
            panels += 2 * Vector<float>.Count;
        }

        Store(a0, a1, scores);
        Store(b0, b1, scores + Width);
        Store(c0, c1, scores + 2 * Width);
        Store(d0, d1, scores + 3 * Width);
    }

    /// <summary>Scores one query against one panel.</summary>
    /// <param name="panel">[dimensions, Width], aligned to a register.</param>
    /// <param name="query">[dimensions].</param>
    /// <param name="dimensions">Numbers in a vector.</param>
    /// <param name="scores">Result, [Width].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScorePanel(float* panel, float* query, int dimensions, float* scores)
    {
        Vector<float> left = default, right = default;
        for (var i = 0; i < dimensions; i++)
        {
            var value = Vector.Create(query[i]);
            left = Vector.MultiplyAddEstimate(value, Vector.LoadAligned(panel), left);
            right = Vector.MultiplyAddEstimate(value, Vector.LoadAligned(panel + Vector<float>.Count), right);
            panel += 2 * Vector<float>.Count;
        }

        Store(left, right, scores);
    }

    /// <summary>Whether at least one score of a panel reaches the floor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyReaches(float* scores, float floor)
    {
        var least = Vector.Create(floor);
        return Vector.GreaterThanOrEqualAny(Vector.Load(scores), least)
            || Vector.GreaterThanOrEqualAny(Vector.Load(scores + Vector<float>.Count), least);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector<float> left, Vector<float> right, float* scores)
    {
        left.Store(scores);
        right.Store(scores + Vector<float>.Count);
    }
}
