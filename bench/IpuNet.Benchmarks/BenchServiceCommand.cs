using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;
using IpuNet.LocalCloud;

namespace IpuNet.Benchmarks;

/// <summary><c>ipunet bench service</c>: measures the service through storage on this machine, beside the pipeline alone.</summary>
internal sealed class BenchServiceCommand : CliCommand
{
    // Of more, the pipeline alone is no faster or slower.
    private const int MostAlone = 2000;

    private readonly Option<int> _images = new("--images") { Description = "Crops of 16 px to send through the service.", DefaultValueFactory = _ => 2000, HelpName = "N" };
    private readonly AzuriteProcessorOption _processor = new();
    private readonly ModelOptions _models;

    public BenchServiceCommand(Terminal terminal)
        : base(terminal, "service", "Measures the service from upload to result, with Azurite on this machine as its storage, against the pipeline alone.")
    {
        Options.Add(_images.Within(1, 100_000));
        Options.Add(_processor);
        _models = new ModelOptions(this);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet bench service", "Faces a second from end to end, and what part of the pipeline's that is."),
        ("taskset -c 0 ipunet bench service --azurite-processor 1", "The same where storage takes nothing of the service's processor."),
        ("ipunet bench service --images 10000", "Whether memory stays as it is over many images."),
    ];

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        int? processor = parsed.GetValue(_processor);
        int images = parsed.GetValue(_images), alone = Math.Min(images, MostAlone);
        using var models = PipelineModels.Open(_models.Store(parsed), _models.Settings(parsed), recognise: true);
        Stage pipeline = new StageBenchmark(models, alone).Whole();
        var memory = new MemorySamples();

        // Before and after: what else runs on the machine meanwhile must not decide.
        ProcessorTime before = await MeasureAsync(pipeline), service;
        ReportTable stages;
        using (var times = new StageTimes())
        using (var logs = new TerminalLogs(Terminal, verbose: false))
        await using (LocalCloudHost cloud = await LocalCloudHost.StartAsync(new LocalCloudSettings { AzuriteProcessor = processor }, models, logs, Terminal.Note, cancellation))
        {
            service = await ProgressDisplay.RunAsync(
                Terminal, "images", images, progress => ServiceBenchmark.RunAsync(cloud, models, images, memory, progress, cancellation));
            stages = times.Table("Stages of the service; several go on at the same time");
        }

        ProcessorTime after = await MeasureAsync(pipeline);
        Terminal.Write(ProcessorTable.Of((before, alone, "the pipeline alone, before"), (service, images, "the service"), (after, alone, "the pipeline alone, after")));
        double rate = images / service.Clock.TotalSeconds, rateAlone = 2 * alone / (before.Clock + after.Clock).TotalSeconds;
        Terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"From upload to result the service does {rate / rateAlone:0%} of the faces/s of the pipeline alone, {AzuriteProcessorOption.Describe(processor)}."));
        Terminal.Write(stages);
        Terminal.Write(memory.Table());
        Terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Over the second half the working set grows by {memory.Slope():0.0} MiB with 1,000 images."));
        return ExitCode.Done;

        async Task<ProcessorTime> MeasureAsync(Stage stage)
        {
            Terminal.Note($"The pipeline alone, {alone:N0} images ...");
            Func<ProcessorTime> passed = ProcessorTime.Start();
            await Task.Run(stage.Work, cancellation);
            return passed();
        }
    }
}
