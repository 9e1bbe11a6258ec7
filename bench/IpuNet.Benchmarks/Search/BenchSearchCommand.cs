using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;

namespace IpuNet.Benchmarks.Search;

/// <summary><c>ipunet bench search</c>: compares gallery search with the machine's peak speed.</summary>
internal sealed class BenchSearchCommand : CliCommand
{
    private readonly Option<int> _vectors = Number("--vectors", "Number of embeddings in the gallery.", 1_000_000);
    private readonly Option<int> _dimensions = Number("--dimensions", "Dimensions of an embedding.", 128);
    private readonly Option<int> _queries = Number("--queries", "Number of queries to search at once.", 256);
    private readonly Option<int> _repeats = Number("--repeats", "Number of measurements. The shortest counts.", 5);

    public BenchSearchCommand(Terminal terminal)
        : base(
            terminal, "search",
            "Compares exact gallery search with the machine's peaks: one query with a pass over memory, many with multiply-adds.")
    {
        foreach (Option<int> option in (Option<int>[])[_vectors, _dimensions, _queries, _repeats])
            Options.Add(option);
    }

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet bench search --vectors 100000 --dimensions 512", "Searches a gallery of 100,000 longer embeddings.")];

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        int vectors = parsed.GetValue(_vectors), dimensions = parsed.GetValue(_dimensions), queries = parsed.GetValue(_queries);
        SearchBenchmark.Result result = await Task.Run(
            () => SearchBenchmark.Run(vectors, dimensions, queries, parsed.GetValue(_repeats), cancellation), cancellation);
        Terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Vectors:N0} vectors of {result.Dimensions}"));
        Terminal.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"one query     {result.OneQuery.TotalMilliseconds:0.00} ms, {result.OneQueryInPasses:0.00} times a pass over memory "
            + $"({result.OnePass.TotalMilliseconds:0.00} ms)"));
        Terminal.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Queries} queries   {result.ManyQueries.TotalMilliseconds:0.0} ms, {result.FlopsReached / 1e9:0.0} GFLOP/s, "
            + $"{result.PartOfPeak:0%} of the machine's {result.FlopsPeak / 1e9:0.0}"));
        return ExitCode.Done;
    }

    private static Option<int> Number(string name, string description, int normal) =>
        new Option<int>(name) { Description = description, DefaultValueFactory = _ => normal, HelpName = "N" }.AtLeast(1);
}
