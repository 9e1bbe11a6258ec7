using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Files;
using IpuNet.Faces.Imaging;
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

    private static readonly int[] Heights = [12, 16];

    private readonly Option<string> _out = new("--out", "-o")
    {
        Description = $"Folder for the pages {ReportFile} and {ServiceReportFile}.",
        DefaultValueFactory = _ => "demo",
        HelpName = "DIR",
    };

    private readonly ModelArguments _models;

    public DemoCommand(Terminal terminal)
        : base(
            terminal, "demo",
            "Runs the service on six photos: it enrols the people, then names them in the whole photos, as a distant camera would take "
            + "them, with faces of 12 and 16 px.")
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
        IReadOnlyList<string> files = await FaceApiPackage.PhotosAsync(store.Root, Terminal.Note, cancellation);
        DemoPhoto[] photos = [.. files.Select((file, i) => new DemoPhoto(i + 1, file, ImageDecoder.DecodeFile(file)))];
        Terminal.Note($"Looking for people in {photos.Length} photos ...");
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
            cloud.Account, account => RunAsync(account, models, photos, people, parsed.GetValue(_out)!, cancellation));
    }

    private async Task<int> RunAsync(
        StorageAccount account, PipelineModels models, IReadOnlyList<DemoPhoto> photos, IReadOnlyList<DemoPerson> found, string folder,
        CancellationToken cancellation)
    {
        var service = new DemoService(account, Terminal);
        IReadOnlyList<DemoPerson> people = await service.EnrolAsync(found, cancellation);
        if (people.Count == 0)
        {
            throw new FaceDataException(
                $"None of the {found.Count} people in the photos could be enrolled. Use another --recogniser or --models.");
        }

        int refused = found.Count - people.Count;
        string unfit = refused > 0 ? $"; {Counted.Of(refused, "other was", "others were")} refused" : "";
        Terminal.WriteLine($"Enrolled {Counted.Of(people.Sum(person => person.Enrolled.Count), "face")} of {people.Count} people{unfit}.");

        DemoScene[] scenes = [.. Heights.SelectMany(height => photos.SelectMany(photo => DemoScene.Of(photo, people, height)))];
        var answers = await service.RecogniseAsync(scenes, cancellation);
        var plain = await WithoutEnhancementAsync(account, models, scenes, people.Count, cancellation);
        List<DemoOutcome> outcomes = [];
        foreach (var ((scene, answer), faces) in scenes.Zip(answers).Zip(plain))
        {
            foreach (DemoTarget target in scene.Targets)
                outcomes.Add(await OutcomeAsync(service, scene, target, answer, faces, cancellation));
        }

        var report = new DemoReport(people, outcomes, models);
        foreach (var table in report.Summaries())
            Terminal.Write(table);
        string page = Path.Combine(folder, ReportFile), servicePage = Path.Combine(folder, ServiceReportFile);
        report.ToPage().Save(page);
        await AtomicFile.WriteAsync(servicePage, await service.ReportAsync(scenes.Length, cancellation), durable: false, cancellation);
        Terminal.WriteLine($"Report with pictures: {page}; report of the service: {servicePage}");
        return ExitCode.Done;
    }

    // Both ways find the same faces in the same order.
    private static async Task<DemoOutcome> OutcomeAsync(
        DemoService service, DemoScene scene, DemoTarget target, ImageAnswer answer, IReadOnlyList<DemoAnswer> plain,
        CancellationToken cancellation)
    {
        int face = Enumerable.Range(0, plain.Count).FirstOrDefault(i => target.IsAt(plain[i].Face.Box), -1);
        if (face < 0)
            return new DemoOutcome(scene, target, null, null);
        FaceAnswer enhanced = answer.Faces[face];
        RgbImage picture = await service.PictureAsync(enhanced, cancellation) ?? plain[face].Picture;
        return new DemoOutcome(scene, target, plain[face], new DemoAnswer(picture, enhanced));
    }

    // The service enhances faces where that helps. This computes the answers without, with the same models and gallery.
    private static async Task<IReadOnlyList<IReadOnlyList<DemoAnswer>>> WithoutEnhancementAsync(
        StorageAccount account, PipelineModels models, IReadOnlyList<DemoScene> scenes, int matches, CancellationToken cancellation)
    {
        using var galleries = new GalleryCache(account, TimeProvider.System);
        var gallery = await galleries.GetAsync(DemoService.Gallery, models.Source, models.Embedder!.Dimensions, cancellation);
        var identifier = new FaceIdentifier(gallery!, models);
        var pipeline = new ImagePipeline(models, new() { Faces = FaceDetectionMode.Detect, Enhance = EnhanceChoice.Off });
        List<IReadOnlyList<DemoAnswer>> answers = [];
        await foreach (var batch in pipeline.RunAsync(scenes.Select(scene => ImageSource.FromBytes(scene.Name, scene.File)), cancellation))
        {
            answers.AddRange(batch.Zip(
                identifier.Identify(batch, matches, cancellation),
                (image, answer) => image.Faces.Zip(
                    answer.Faces, (face, named) => new DemoAnswer(face.Picture, named)).ToList()));
        }

        return answers;
    }
}
