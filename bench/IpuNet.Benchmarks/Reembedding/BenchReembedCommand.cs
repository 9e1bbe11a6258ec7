using System.CommandLine;
using System.Globalization;
using IpuNet.Benchmarks.Service;
using IpuNet.Benchmarks.Stages;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.LocalCloud;
using IpuNet.Service.Storage;

namespace IpuNet.Benchmarks.Reembedding;

/// <summary><c>ipunet bench reembed</c>: compares the re-embedding of a gallery in storage with the recogniser alone.</summary>
internal sealed class BenchReembedCommand : CliCommand
{
    private const int FacesAlone = 512;

    private readonly Option<int> _subjects =
        new("--subjects") { Description = "Number of subjects in the gallery.", DefaultValueFactory = _ => 10_000, HelpName = "N" };
    private readonly Option<int> _faces =
        new("--faces") { Description = "Faces of each subject, enrolled by one job.", DefaultValueFactory = _ => 3, HelpName = "N" };
    private readonly AzuriteProcessorOption _processor = new();
    private readonly ModelArguments _models;

    public BenchReembedCommand(Terminal terminal)
        : base(
            terminal, "reembed",
            "Compares the re-embedding of a gallery, interrupted twice, with the recogniser alone. Azurite on this machine is the storage.")
    {
        Options.Add(_subjects.Within(3, 1_000_000));
        Options.Add(_faces.Within(1, EnrolmentMessage.MaxImages));
        Options.Add(_processor);
        Options.Add(new JsonOption());
        _models = new ModelArguments(this, "Recogniser that embeds the faces.");
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet bench reembed", "Re-embeds 10,000 subjects with three faces each."),
        ("taskset -c 0 ipunet bench reembed --azurite-processor 1", "The same, with a processor for Azurite alone."),
    ];

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        int subjects = parsed.GetValue(_subjects), total = subjects * parsed.GetValue(_faces);
        int? processor = parsed.GetValue(_processor);
        using var models = PipelineModels.Open(_models.Store(parsed), _models.Settings(parsed), recognise: true);
        await using AzuriteProcess azurite = await AzuriteProcess.StartAsync(
            new AzuriteSettings { Accounts = [AzuriteAccount.New("ipunet")], Processor = processor }, Terminal.Note, cancellation);
        var account = new StorageAccount(new StorageOptions { ConnectionString = azurite.ConnectionString });
        await account.CreateAllAsync(cancellation);
        var benchmark = new ReembeddingBenchmark(account, models, subjects, parsed.GetValue(_faces), Terminal);
        await benchmark.FillAsync(cancellation);

        // The recogniser is measured before and after, so that other load on the machine does not decide.
        RgbImage[] faces = StageBenchmark.Batch(FacesAlone);
        ProcessorTime before = Measure();
        Func<ProcessorTime> passed = ProcessorTime.Start(azurite.ProcessId);
        await benchmark.RunAsync(cancellation);
        ProcessorTime gallery = passed();
        ProcessorTime after = Measure();
        Terminal.Write(ProcessorTable.Of(
            (before, FacesAlone, "the recogniser alone, before"), (gallery, total, "the gallery"),
            (after, FacesAlone, "the recogniser alone, after")));
        double rate = total / gallery.Clock.TotalSeconds, rateAlone = 2 * FacesAlone / (before.Clock + after.Clock).TotalSeconds;
        Terminal.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"All {total:N0} faces of {subjects:N0} subjects were re-embedded in three runs, at {rate / rateAlone:0%} of the recogniser's "
            + $"speed, {AzuriteProcessorOption.Describe(processor)}."));
        return ExitCode.Done;

        ProcessorTime Measure()
        {
            Func<ProcessorTime> time = ProcessorTime.Start();
            _ = models.Embedder!.Embed(faces);
            return time();
        }
    }
}
