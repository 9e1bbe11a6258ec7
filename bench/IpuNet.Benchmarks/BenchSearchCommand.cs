using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;

namespace IpuNet.Benchmarks;

/// <summary><c>ipunet bench search</c>: measures gallery search against the machine's peaks.</summary>
internal sealed class BenchSearchCommand : CliCommand
{
    private readonly Option<int> _vectors = Number("--vectors", "Embeddings in the gallery.", 1_000_000);
    private readonly Option<int> _dimensions = Number("--dimensions", "Numbers in an embedding.", 128);
    private readonly Option<int> _queries = Number("--queries", "Queries searched at once.", 256);
    private readonly Option<int> _repeats = Number("--repeats", "How often to measure; the least time counts.", 5);

    public BenchSearchCommand(Terminal terminal)
        : base(terminal, "search", "Measures exact gallery search: one query against a pass over the memory, many against the multiply-add peak.")
    {
        foreach (Option<int> option in (Option<int>[])[_vectors, _dimensions, _queries, _repeats])
            Options.Add(option);
    }

    public override IReadOnlyList<(string, string)> Examples => [("ipunet bench search --vectors 100000 --dimensions 512", "A gallery of 100,000 with longer embeddings.")];

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        SearchBenchmark.Result result = await Task.Run(
            () => SearchBenchmark.Run(parsed.GetValue(_vectors), parsed.GetValue(_dimensions), parsed.GetValue(_queries), parsed.GetValue(_repeats), cancellation),
            cancellation);
        Terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Vectors:N0} vectors of {result.Dimensions}"));
        Terminal.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"one query     {result.OneQuery.TotalMilliseconds:0.00} ms, {result.OneQueryInPasses:0.00} times a pass over the memory ({result.OnePass.TotalMilliseconds:0.00} ms)"));
        Terminal.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Queries} queries   {result.ManyQueries.TotalMilliseconds:0.0} ms, {result.FlopsReached / 1e9:0.0} GFLOP/s, {result.PartOfPeak:0%} of the machine's {result.FlopsPeak / 1e9:0.0}"));
        return ExitCode.Done;
    }

    private static Option<int> Number(string name, string description, int normal) =>
        new Option<int>(name) { Description = description, DefaultValueFactory = _ => normal, HelpName = "N" }.AtLeast(1);
}
