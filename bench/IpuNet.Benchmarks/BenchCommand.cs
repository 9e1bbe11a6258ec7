using System.CommandLine;
using System.Globalization;
using IpuNet.Benchmarks.Life;
using IpuNet.Benchmarks.Reembedding;
using IpuNet.Benchmarks.Scaling;
using IpuNet.Benchmarks.Search;
using IpuNet.Benchmarks.Service;
using IpuNet.Benchmarks.Stages;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;

namespace IpuNet.Benchmarks;

/// <summary><c>ipunet bench</c>: measures the speed of each step on this machine.</summary>
internal sealed class BenchCommand : CliCommand
{
    private readonly Option<int> _faces =
        new("--faces") { Description = "Number of faces to measure with.", DefaultValueFactory = _ => 64, HelpName = "N" };
    private readonly Option<int> _repeats =
        new("--repeats") { Description = "Number of measurements. The shortest counts.", DefaultValueFactory = _ => 5, HelpName = "N" };
    private readonly Option<bool> _faceApi =
        new("--face-api") { Description = "Measure face-api.js in Node as well. npm fetches it on first use." };
    private readonly ModelArguments _models;

    public BenchCommand(Terminal terminal)
        : base(terminal, CommandTitle.Bench)
    {
        foreach (Option<int> option in (Option<int>[])[_faces, _repeats])
            Options.Add(option.Within(1, 100_000));
        Options.Add(_faceApi);
        Options.Add(new JsonOption());
        Subcommands.Add(new BenchSearchCommand(terminal));
        Subcommands.Add(new BenchServiceCommand(terminal));
        Subcommands.Add(new BenchScalingCommand(terminal));
        Subcommands.Add(new BenchReembedCommand(terminal));
        Subcommands.Add(new BenchLifeCommand(terminal));
        _models = new ModelArguments(this, "Recogniser to measure with.");
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet bench", "Measures every step, its time outside ONNX Runtime, and all recognisers."),
        ("ipunet bench search --vectors 1000000", "Compares search in a gallery of a million with the machine's peak speed."),
        ("ipunet bench service", "Compares the service, from upload to result, with the pipeline alone."),
        ("ipunet bench --face-api", "Compares embedding with face-api.js in Node."),
    ];

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        ModelStore store = _models.Store(parsed);
        InferenceSettings settings = _models.Settings(parsed);
        using var models = PipelineModels.Open(store, settings, recognise: true);
        if (models.Enhancer is null)
            Terminal.Warn("No enhancer is in use, so its step is skipped.");
        var benchmark = new StageBenchmark(models, parsed.GetValue(_faces));
        Stage[] steps = [.. benchmark.Steps()];
        Stage whole = benchmark.Whole();
        using var bare = new BareComparison(store, settings, models);
        using var recognisers = new RecogniserComparison(store, settings);

        using var onnx = new OnnxTime();
        await ProgressDisplay.RunAsync(Terminal, "rounds", parsed.GetValue(_repeats), progress => Task.Run(() =>
        {
            for (int round = 0; round < parsed.GetValue(_repeats); round++)
            {
                foreach (Stage stage in steps.Append(whole))
                {
                    cancellation.ThrowIfCancellationRequested();
                    stage.Measure(onnx);
                }

                bare.Measure(onnx);
                recognisers.Measure(onnx);
                progress.Report(new ProgressCount(round + 1));
            }

            return true;
        }));
        Terminal.Write(Table([.. steps, whole], settings));
        foreach (string line in bare.Lines())
            Terminal.WriteLine(line);
        Terminal.Write(recognisers.Table());
        if (parsed.GetValue(_faceApi))
            Terminal.WriteLine(await FaceApiBenchmark.CompareAsync(models.Embedder!, parsed.GetValue(_repeats), Terminal, cancellation));
        return ExitCode.Done;
    }

    private static ReportTable Table(Stage[] stages, InferenceSettings settings)
    {
        var table = new ReportTable(
            $"{Environment.ProcessorCount} processors; models on {ModelDevice.Describe(settings)}",
            new("Step"), new("ms each", Numeric: true), new("Per second", Numeric: true), new("Unit"),
            new("Outside ONNX Runtime", Numeric: true));
        foreach (Stage stage in stages)
            table.Add(
                stage.Name, Text(stage.Least.TotalMilliseconds / stage.Items, "0.###"), Text(stage.PerSecond, "#,0.#"), stage.Unit,
                stage.Onnx == TimeSpan.Zero ? "" : Text(1 - stage.Onnx / stage.Least, "0.0%"));
        return table;
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
