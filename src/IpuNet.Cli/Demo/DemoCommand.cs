using System.CommandLine;
using IpuNet.Cli.CommandLine;
using IpuNet.Cli.Import;
using IpuNet.Cli.Terminals;
using IpuNet.Faces;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Recognition;

namespace IpuNet.Cli.Demo;

/// <summary><c>ipunet demo</c>: shows on six photos what the product does.</summary>
internal sealed class DemoCommand : CliCommand
{
    private static readonly int[] ProbeSizes = [12, 16];

    private readonly Option<string> _out = new("--out", "-o")
    {
        Description = "Folder for the gallery and report.html.",
        DefaultValueFactory = _ => "demo",
        HelpName = "DIR",
    };

    private readonly ModelOptions _models;

    public DemoCommand(Terminal terminal)
        : base(terminal, "demo", "Enrols the people of six photos, shrinks their faces to 12 and 16 px, and identifies them without and with super-resolution.")
    {
        Options.Add(_out);
        _models = new ModelOptions(this);
    }

    public override IReadOnlyList<(string, string)> Examples => [("ipunet demo", "npm fetches the photos on first use; the report is demo/report.html.")];

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string folder = parsed.GetValue(_out)!;
        ModelStore store = _models.Store(parsed);
        using var models = PipelineModels.Open(store, _models.Settings(parsed), recognise: true);
        RecognitionPolicy policy = models.RequirePolicy();
        IReadOnlyList<string> photos = await FaceApiPackage.PhotosAsync(store.Root, Terminal, cancellation);

        IReadOnlyList<DemoPerson> people = await DemoPeople.FindAsync(photos, models, policy, cancellation);
        if (people.Count == 0)
            throw new FaceDataException($"{Path.GetDirectoryName(photos[0])}: no face of the photos is fit to be enrolled.");
        var gallery = DemoPeople.Enrol(people, Path.Combine(folder, "gallery"), models);
        Terminal.WriteLine($"{people.Sum(person => person.Faces.Count)} faces of {people.Count} people from {photos.Count} photos are enrolled.");

        DemoProbe[] probes = [.. ProbeSizes.SelectMany(size => people.SelectMany(person => DemoProbe.Of(person, size)))];
        var identifier = new FaceIdentifier(gallery, models);
        var off = await IdentifyAsync(probes, EnhanceChoice.Off);
        var on = await IdentifyAsync(probes, EnhanceChoice.On);

        var report = new DemoReport(people, [.. probes.Select((probe, i) => new DemoOutcome(probe, off[i], on[i]))], models);
        foreach (var table in report.Summaries())
            Terminal.Write(table);
        string page = Path.Combine(folder, "report.html");
        report.ToPage().Save(page);
        Terminal.WriteLine($"With pictures: {page}");
        return ExitCode.Done;

        async Task<IReadOnlyList<DemoAnswer>> IdentifyAsync(IReadOnlyList<DemoProbe> asked, EnhanceChoice enhance)
        {
            var pipeline = new ImagePipeline(models, new() { Faces = FaceFinding.Crop, Enhance = enhance });
            List<DemoAnswer> answers = [];
            await foreach (var batch in pipeline.RunAsync(asked.Select(probe => ImageSource.FromBytes(probe.Name, probe.File)), cancellation))
                answers.AddRange(batch.Zip(identifier.Identify(batch, people.Count, cancellation), (image, answer) => new DemoAnswer(image.Faces[0].Picture, answer.Faces[0])));
            return answers;
        }
    }
}
