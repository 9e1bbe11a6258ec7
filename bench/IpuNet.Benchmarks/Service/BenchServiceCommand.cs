using System.CommandLine;
using System.Globalization;
using IpuNet.Benchmarks.Stages;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;
using IpuNet.Faces.Telemetry;
using IpuNet.LocalCloud;

namespace IpuNet.Benchmarks.Service;

/// <summary><c>ipunet bench service</c>: compares the service, with storage on this machine, with the pipeline alone.</summary>
internal sealed class BenchServiceCommand : CliCommand
{
    // More images do not change the speed of the pipeline.
    private const int MostAlone = 2000;

    private readonly Option<int> _images = new("--images")
    {
        Description = "Number of crops, of 16 px, to send through the service.",
        DefaultValueFactory = _ => 2000,
        HelpName = "N",
    };
    private readonly AzuriteProcessorOption _processor = new();
    private readonly ModelArguments _models;

    public BenchServiceCommand(Terminal terminal)
        : base(
            terminal, "service",
            "Compares the service, from upload to result, with the pipeline alone. Azurite on this machine is the storage.")
    {
        Options.Add(_images.Within(1, 100_000));
        Options.Add(_processor);
        Options.Add(new JsonOption());
        _models = new ModelArguments(this, "Recogniser of the service.");
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet bench service", "Measures the faces/s of the service and of the pipeline."),
        ("taskset -c 0 ipunet bench service --azurite-processor 1", "The same, with a processor for Azurite alone."),
        ("ipunet bench service --images 10000", "Shows whether memory grows over many images."),
    ];

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        int? processor = parsed.GetValue(_processor);
        int images = parsed.GetValue(_images), alone = Math.Min(images, MostAlone);
        using var models = PipelineModels.Open(_models.Store(parsed), _models.Settings(parsed), recognise: true);
        Stage pipeline = new StageBenchmark(models, alone).Whole();
        var memory = new MemorySamples();

        // The pipeline is measured before and after, so that other load on the machine does not decide.
        ProcessorTime before = await MeasureAsync(pipeline), service;
        ReportTable stages;
        using (var times = new StageTimes(PipelineStage.SourceName, PipelineStage.Instrument, PipelineStage.StageTag))
        using (var logs = new TerminalLogs(Terminal, verbose: false))
        await using (LocalCloudHost cloud = await LocalCloudHost.StartAsync(
            new LocalCloudSettings { AzuriteProcessor = processor }, models, logs, Terminal.Note, cancellation))
        {
            service = await ProgressDisplay.RunAsync(
                Terminal, "images", images, progress => ServiceBenchmark.RunAsync(cloud, models, images, memory, progress, cancellation));
            stages = times.Table("Stages of the service; several run at the same time");
        }

        ProcessorTime after = await MeasureAsync(pipeline);
        Terminal.Write(ProcessorTable.Of(
            (before, alone, "the pipeline alone, before"), (service, images, "the service"), (after, alone, "the pipeline alone, after")));
        double rate = images / service.Clock.TotalSeconds, rateAlone = 2 * alone / (before.Clock + after.Clock).TotalSeconds;
        Terminal.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"From upload to result, the service reaches {rate / rateAlone:0%} of the pipeline's faces/s, "
            + $"{AzuriteProcessorOption.Describe(processor)}."));
        Terminal.Write(stages);
        Terminal.Write(memory.Table());
        Terminal.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"In the second half, the working set grew by {memory.Slope():0.0} MiB for 1,000 images."));
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
