using System.Runtime.CompilerServices;
using IpuNet.Contract;

namespace IpuNet.Faces.Gallery;

/// <summary>Searches blocks on all cores. The best scores are selected panel by panel, so no matrix of all scores is kept.</summary>
internal static unsafe class GallerySearch
{
    // 40 groups of 6 queries with 128 numbers are 120 KB. Together with a block of 256 KB, they fit into the second-level cache of a core.
    private const int GroupsAtOnce = 40;

    /// <summary>Finds the best subjects for one query, in one pass over the memory.</summary>
    public static IReadOnlyList<GalleryMatch> One(
        GalleryBlock[] blocks, ReadOnlySpan<float> query, int count, CancellationToken cancellation)
    {
        var values = query.ToArray();
        return Scan(blocks, queries: 1, count, (block, tops) => ScanOne(block, values, tops[0]), cancellation)[0].ToMatches();
    }

    /// <summary>Finds the best subjects for many queries, by a matrix product that selects as it goes.</summary>
    public static IReadOnlyList<IReadOnlyList<GalleryMatch>> Many(
        GalleryBlock[] blocks, IReadOnlyList<float[]> queries, int count, CancellationToken cancellation)
    {
        var packed = Pack(queries);
        var tops = Scan(blocks, queries.Count, count, (block, tops) => ScanMany(block, packed, tops), cancellation);
        return [.. tops.Select(top => top.ToMatches())];
    }

    private static TopSubjects[] Scan(
        GalleryBlock[] blocks, int queries, int count, Action<GalleryBlock, TopSubjects[]> scan, CancellationToken cancellation)
    {
        var merged = Selections(queries, count);
        var merging = new Lock();
        Parallel.For(
            0,
            blocks.Length,
            new ParallelOptions { CancellationToken = cancellation },
            () => Selections(queries, count),
            (i, _, tops) =>
            {
                scan(blocks[i], tops);
                return tops;
            },
            tops =>
            {
                lock (merging)
                {
                    for (var q = 0; q < queries; q++)
                        merged[q].OfferAll(tops[q]);
                }
            });
        return merged;
    }

    private static TopSubjects[] Selections(int queries, int count) =>
        [.. Enumerable.Range(0, queries).Select(_ => new TopSubjects(count))];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScanOne(GalleryBlock block, float[] query, TopSubjects top)
    {
        var scores = stackalloc float[PanelKernels.PanelsAtOnce * PanelKernels.Width];
        fixed (float* vectors = block.Vectors, values = query)
        {
            var panel = 0;
            for (; panel <= block.Panels - PanelKernels.PanelsAtOnce; panel += PanelKernels.PanelsAtOnce)
            {
                PanelKernels.ScorePanels(vectors + (nint)panel * block.PanelLength, values, block.Dimensions, scores);
                for (var i = 0; i < PanelKernels.PanelsAtOnce; i++)
                    Select(block, panel + i, scores + i * PanelKernels.Width, top);
            }

            for (; panel < block.Panels; panel++)
            {
                PanelKernels.ScorePanel(vectors + (nint)panel * block.PanelLength, values, block.Dimensions, scores);
                Select(block, panel, scores, top);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScanMany(GalleryBlock block, float[] packed, TopSubjects[] tops)
    {
        var groupLength = block.Dimensions * PanelKernels.GroupSize;
        var groups = packed.Length / groupLength;
        var scores = stackalloc float[PanelKernels.GroupSize * PanelKernels.Width];
        fixed (float* vectors = block.Vectors, queries = packed)
        {
            for (var first = 0; first < groups; first += GroupsAtOnce)
            {
                var end = Math.Min(groups, first + GroupsAtOnce);
                for (var panel = 0; panel < block.Panels; panel++)
                {
                    for (var group = first; group < end; group++)
                    {
                        PanelKernels.ScoreGroup(
                            vectors + (nint)panel * block.PanelLength, queries + (nint)group * groupLength, block.Dimensions, scores);
                        var firstQuery = group * PanelKernels.GroupSize;
                        var members = Math.Min(PanelKernels.GroupSize, tops.Length - firstQuery);
                        for (var i = 0; i < members; i++)
                            Select(block, panel, scores + i * PanelKernels.Width, tops[firstQuery + i]);
                    }
                }
            }
        }
    }

    private static void Select(GalleryBlock block, int panel, float* scores, TopSubjects top)
    {
        if (PanelKernels.AnyReaches(scores, top.Floor))
            block.Offer(panel, new ReadOnlySpan<float>(scores, PanelKernels.Width), top);
    }

    // Packs the queries as [groups, dimensions, GroupSize]. Zeros fill up the last group.
    private static float[] Pack(IReadOnlyList<float[]> queries)
    {
        var dimensions = queries[0].Length;
        var groups = (queries.Count + PanelKernels.GroupSize - 1) / PanelKernels.GroupSize;
        var packed = new float[groups * dimensions * PanelKernels.GroupSize];
        for (var q = 0; q < queries.Count; q++)
        {
            var at = q / PanelKernels.GroupSize * dimensions * PanelKernels.GroupSize + q % PanelKernels.GroupSize;
            for (var i = 0; i < dimensions; i++, at += PanelKernels.GroupSize)
                packed[at] = queries[q][i];
        }

        return packed;
    }
}
