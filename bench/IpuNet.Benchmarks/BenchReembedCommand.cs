using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.LocalCloud;
using IpuNet.Service.Messages;
using IpuNet.Service.Storage;

namespace IpuNet.Benchmarks;

/// <summary><c>ipunet bench reembed</c>: measures the re-embedding of a gallery in storage, beside the recogniser alone.</summary>
internal sealed class BenchReembedCommand : CliCommand
{
    private const int Alone = 512;

    private readonly Option<int> _subjects = new("--subjects") { Description = "Subjects of the gallery.", DefaultValueFactory = _ => 10_000, HelpName = "N" };
    private readonly Option<int> _faces = new("--faces") { Description = "Faces of each subject, enrolled by one job.", DefaultValueFactory = _ => 3, HelpName = "N" };
    private readonly AzuriteProcessorOption _processor = new();
    private readonly ModelOptions _models;

    public BenchReembedCommand(Terminal terminal)
        : base(terminal, "reembed", "Measures the re-embedding of a gallery, cut off twice in between, with Azurite on this machine as its storage, against the recogniser alone.")
    {
        Options.Add(_subjects.Within(3, 1_000_000));
        Options.Add(_faces.Within(1, EnrolmentMessage.MaxImages));
        Options.Add(_processor);
        _models = new ModelOptions(this);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet bench reembed", "A gallery of 10,000 subjects, of three faces each."),
        ("taskset -c 0 ipunet bench reembed --azurite-processor 1", "The same where storage takes nothing of the recogniser's processor."),
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

        // Before and after: what else runs on the machine meanwhile must not decide.
        RgbImage[] faces = StageBenchmark.Batch(Alone);
        ProcessorTime before = Measure();
        Func<ProcessorTime> passed = ProcessorTime.Start(azurite.ProcessId);
        await benchmark.RunAsync(cancellation);
        ProcessorTime gallery = passed();
        ProcessorTime after = Measure();
        Terminal.Write(ProcessorTable.Of((before, Alone, "the recogniser alone, before"), (gallery, total, "the gallery"), (after, Alone, "the recogniser alone, after")));
        double rate = total / gallery.Clock.TotalSeconds, rateAlone = 2 * Alone / (before.Clock + after.Clock).TotalSeconds;
        Terminal.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"All {total:N0} faces of {subjects:N0} subjects are re-embedded in three runs, at {rate / rateAlone:0%} of the recogniser's faces/s alone, {AzuriteProcessorOption.Describe(processor)}."));
        return ExitCode.Done;

        ProcessorTime Measure()
        {
            Func<ProcessorTime> time = ProcessorTime.Start();
            _ = models.Embedder!.Embed(faces);
            return time();
        }
    }
}
