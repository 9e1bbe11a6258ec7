using System.Diagnostics;
using System.Numerics.Tensors;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;

namespace IpuNet.Benchmarks.Search;

/// <summary>Compares gallery search with the machine's peak speed.</summary>
internal static class SearchBenchmark
{
    private const int MatchesAsked = 10;
    private static readonly EmbeddingSource Source = new("benchmark@1", "benchmark@1");

    /// <param name="Vectors">Number of embeddings in the gallery, one for each subject.</param>
    /// <param name="Dimensions">Dimensions of an embedding.</param>
    /// <param name="Queries">Number of queries searched at once.</param>
    /// <param name="OneQuery">Time of a search with one query.</param>
    /// <param name="OnePass">Time of one pass over the same amount of memory, to sum it on all cores.</param>
    /// <param name="ManyQueries">Time of a search with all queries.</param>
    /// <param name="FlopsPeak">Peak of the machine: single-precision operations in a second, by multiply-adds in registers.</param>
    public sealed record Result(
        int Vectors, int Dimensions, int Queries, TimeSpan OneQuery, TimeSpan OnePass, TimeSpan ManyQueries, double FlopsPeak)
    {
        /// <summary>Share of the peak that the search with many queries reaches, 0 to 1.</summary>
        public double PartOfPeak => FlopsOf(Queries, ManyQueries) / FlopsPeak;

        /// <summary>Single-precision operations in a second of a search.</summary>
        /// <param name="queries">Number of queries.</param>
        /// <param name="taken">Time of the search.</param>
        public double FlopsOf(int queries, TimeSpan taken) => 2.0 * Vectors * Dimensions * queries / taken.TotalSeconds;
    }

    /// <summary>Measures each part in turn, several times. The shortest time counts, because other load can only add to it.</summary>
    public static Result Run(int vectors, int dimensions, int queries, int repeats, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(repeats);
        var random = new Random(1);
        var index = Gallery(vectors, dimensions, Source);
        float[][] probes = [.. Enumerable.Range(0, queries).Select(_ => UnitVector(random, dimensions))];
        var memory = new float[(long)vectors * dimensions];
        Array.Fill(memory, 1f);

        TimeSpan one = TimeSpan.MaxValue, pass = TimeSpan.MaxValue, many = TimeSpan.MaxValue;
        double peak = 0;
        for (var i = 0; i < repeats; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            pass = Least(pass, () => MachinePeaks.Sum(memory));
            one = Least(one, () => index.Search(Source, probes[0], MatchesAsked, cancellation));
            peak = Math.Max(peak, MachinePeaks.MultiplyAddFlops());
            many = Least(many, () => index.SearchMany(Source, probes, MatchesAsked, cancellation));
        }

        return new Result(vectors, dimensions, queries, one, pass, many, peak);
    }

    /// <summary>A gallery of random vectors, one for each subject.</summary>
    public static GalleryIndex Gallery(int vectors, int dimensions, EmbeddingSource source) =>
        GalleryIndex.Build(source, dimensions, Subjects(vectors, dimensions, source));

    /// <summary>Made-up subjects with one embedding each.</summary>
    public static IEnumerable<SubjectRecord> Subjects(int count, int dimensions, EmbeddingSource source)
    {
        var random = new Random(2);
        return Enumerable.Range(0, count).Select(i => Subject(i, source, UnitVector(random, dimensions)));
    }

    private static TimeSpan Least(TimeSpan least, Action work)
    {
        var start = Stopwatch.GetTimestamp();
        work();
        var elapsed = Stopwatch.GetElapsedTime(start);
        return elapsed < least ? elapsed : least;
    }

    private static SubjectRecord Subject(int i, EmbeddingSource source, float[] vector)
    {
        var provenance = new EnrolmentProvenance("", "", new FaceBox(0, 0, 1, 1), new EnrolmentQuality(1, 1));
        return new SubjectRecord(
            $"s{i}", [new SubjectEmbedding(source, vector, provenance, DateTimeOffset.UnixEpoch)], DateTimeOffset.UnixEpoch);
    }

    private static float[] UnitVector(Random random, int dimensions)
    {
        var vector = new float[dimensions];
        for (var i = 0; i < dimensions; i++)
            vector[i] = random.NextSingle() - 0.5f;
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm(vector), vector);
        return vector;
    }
}
