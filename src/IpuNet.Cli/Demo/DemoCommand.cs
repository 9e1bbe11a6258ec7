using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Files;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Policies;
using IpuNet.Faces.Reports;
using IpuNet.LocalCloud;
using IpuNet.LocalCloud.Npm;
using IpuNet.Service.Galleries;
using IpuNet.Service.Recognition;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Demo;

/// <summary><c>ipunet demo</c>: shows what the product does, on six photos and with the real service.</summary>
internal sealed class DemoCommand : CliCommand
{
    private const string ReportFile = "report.html", ServiceReportFile = "batch-report.html";

    // The service names at most this many subjects.
    private const int MostMatches = 100;

    private static readonly int[] ProbeSizes = [12, 16];

    private readonly Option<string> _out = new("--out", "-o")
    {
        Description = $"Folder for the pages {ReportFile} and {ServiceReportFile}.",
        DefaultValueFactory = _ => "demo",
        HelpName = "DIR",
    };

    private readonly ModelArguments _models;

    public DemoCommand(Terminal terminal)
        : base(terminal, "demo", "Runs the service on six photos: it enrols the people, then identifies their faces at 12 and 16 px.")
    {
        Options.Add(_out);
        Options.Add(new JsonOption());
        _models = new ModelArguments(this, "Recogniser of the demo.");
    }

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet demo", $"Writes demo/{ReportFile} and demo/{ServiceReportFile}. npm fetches the photos and Azurite on first use.")];

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        ModelStore store = _models.Store(parsed);
        using var models = PipelineModels.Open(store, _models.Settings(parsed), recognise: true);
        RecognitionPolicy policy = models.RequirePolicy();
        IReadOnlyList<string> photos = await FaceApiPackage.PhotosAsync(store.Root, Terminal.Note, cancellation);
        Terminal.Note($"Looking for people in {photos.Count} photos ...");
        IReadOnlyList<DemoPerson> people = await DemoPeople.FindAsync(photos, models, policy, cancellation);

        Terminal.Note("Starting the service ...");
        using var logs = new TerminalLogs(Terminal, verbose: false);
        // Storage is in memory, so the demo leaves nothing behind, however it ends.
        var settings = new LocalCloudSettings
        {
            Options = new Dictionary<string, string?>
            {
                [$"{RecognitionOptions.Section}:{nameof(RecognitionOptions.Matches)}"] = Math.Clamp(
                    people.Count, 1, MostMatches).ToString(CultureInfo.InvariantCulture),
            },
        };
        await using LocalCloudHost cloud = await LocalCloudHost.StartAsync(settings, models, logs, Terminal.Note, cancellation);
        return await StorageArguments.UseAsync(
            cloud.Account, account => RunAsync(account, models, people, parsed.GetValue(_out)!, cancellation));
    }

    private async Task<int> RunAsync(
        StorageAccount account, PipelineModels models, IReadOnlyList<DemoPerson> found, string folder, CancellationToken cancellation)
    {
        var service = new DemoService(account, Terminal);
        IReadOnlyList<DemoPerson> people = await service.EnrolAsync(found, cancellation);
        if (people.Count == 0)
        {
            throw new FaceDataException(
                $"None of the {found.Count} people in the photos could be enrolled. Use another --recogniser or --models.");
        }

        int faces = people.Sum(person => person.Faces.Count), refused = found.Sum(person => person.Faces.Count) - faces;
        string unfit = refused > 0 ? $"; {Counted.Of(refused, "face was", "faces were")} refused" : "";
        Terminal.WriteLine($"Enrolled {faces} faces of {people.Count} people{unfit}.");

        DemoProbe[] probes = [.. ProbeSizes.SelectMany(size => people.SelectMany(person => DemoProbe.Of(person, size)))];
        var on = await service.RecogniseAsync(probes, cancellation);
        var off = await WithoutEnhancementAsync(account, models, probes, people.Count, cancellation);

        var report = new DemoReport(people, [.. probes.Select((probe, i) => new DemoOutcome(probe, off[i], on[i]))], models);
        foreach (var table in report.Summaries())
            Terminal.Write(table);
        string page = Path.Combine(folder, ReportFile), servicePage = Path.Combine(folder, ServiceReportFile);
        report.ToPage().Save(page);
        await AtomicFile.WriteAsync(servicePage, await service.ReportAsync(probes.Length, cancellation), durable: false, cancellation);
        Terminal.WriteLine($"Report with pictures: {page}; report of the service: {servicePage}");
        return ExitCode.Done;
    }

    // The service enhances faces where that helps. This computes the answers without, with the same models and gallery.
    private static async Task<IReadOnlyList<DemoAnswer>> WithoutEnhancementAsync(
        StorageAccount account, PipelineModels models, IReadOnlyList<DemoProbe> probes, int matches, CancellationToken cancellation)
    {
        using var galleries = new GalleryCache(account, TimeProvider.System);
        var gallery = await galleries.GetAsync(DemoService.Gallery, models.Source, models.Embedder!.Dimensions, cancellation);
        var identifier = new FaceIdentifier(gallery!, models);
        var pipeline = new ImagePipeline(models, new() { Faces = FaceDetectionMode.Crop, Enhance = EnhanceChoice.Off });
        List<DemoAnswer> answers = [];
        await foreach (var batch in pipeline.RunAsync(probes.Select(probe => ImageSource.FromBytes(probe.Name, probe.File)), cancellation))
            answers.AddRange(batch.Zip(
                identifier.Identify(batch, matches, cancellation),
                (image, answer) => new DemoAnswer(image.Faces[0].Picture, answer.Faces[0])));
        return answers;
    }
}
