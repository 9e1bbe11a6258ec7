using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Reports;

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
        Options.Add(new JsonOption());
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet bench search --vectors 100000 --dimensions 512", "Searches a gallery of 100,000 longer embeddings."),
        ("ipunet bench search --json", "The same for programs: one measurement a line."),
    ];

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        int vectors = parsed.GetValue(_vectors), dimensions = parsed.GetValue(_dimensions), queries = parsed.GetValue(_queries);
        SearchBenchmark.Result result = await Task.Run(
            () => SearchBenchmark.Run(vectors, dimensions, queries, parsed.GetValue(_repeats), cancellation), cancellation);
        Terminal.Write(Table(result));
        return ExitCode.Done;
    }

    private static ReportTable Table(SearchBenchmark.Result result)
    {
        var table = new ReportTable(
            string.Create(CultureInfo.InvariantCulture, $"{result.Vectors:N0} vectors of {result.Dimensions}"),
            new("Queries", Numeric: true), new("ms", Numeric: true), new("GFLOP/s", Numeric: true), new("Limit"),
            new("ms at the limit", Numeric: true), new("Times the limit", Numeric: true));
        Add(1, result.OneQuery, "a pass over memory", result.OnePass);
        Add(result.Queries, result.ManyQueries, "multiply-adds", result.ManyQueries * result.PartOfPeak);
        return table;

        void Add(int queries, TimeSpan taken, string limit, TimeSpan least) => table.Add(
            Text(queries, "#,0"), Text(taken.TotalMilliseconds, "#,0.00"), Text(result.FlopsOf(queries, taken) / 1e9, "#,0.0"), limit,
            Text(least.TotalMilliseconds, "#,0.00"), Text(taken / least, "#,0.00"));
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static Option<int> Number(string name, string description, int normal) =>
        new Option<int>(name) { Description = description, DefaultValueFactory = _ => normal, HelpName = "N" }.AtLeast(1);
}
