using System.CommandLine;
using System.Globalization;
using IpuNet.Cli.Inputs;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;

namespace IpuNet.Cli.Enhance;

/// <summary><c>ipunet enhance</c>: super-resolves the faces in images.</summary>
internal sealed class EnhanceCommand : CliCommand
{
    private readonly InputOptions _inputs;
    private readonly ModelArguments _models;
    private readonly Option<string> _out = new("--out", "-o")
    {
        Description = "Folder for the pictures of faces, PNG of 128x128 px.",
        HelpName = "DIR",
        Required = true,
    };

    public EnhanceCommand(Terminal terminal)
        : base(terminal, "enhance", "Super-resolves the faces in images, and writes each face as a PNG of 128x128 px.")
    {
        _inputs = new InputOptions(this);
        Options.Add(_out);
        Options.Add(new JsonOption());
        _models = new ModelArguments(this);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet enhance camera/ --out faces/", "Writes every face of every image in the folder."),
        ("ipunet enhance 'crops/**/*.png' --faces crop --out faces/", "Takes each image as one face."),
    ];

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string folder = parsed.GetRequiredValue(_out);
        var images = _inputs.Images(parsed, folder);
        using var models = PipelineModels.Open(_models.Store(parsed), _models.Settings(parsed), recognise: false);
        if (models.Enhancer is null)
            throw new FaceDataException("No enhancer is in use. `ipunet export --current` installs one.");

        var pipeline = new ImagePipeline(models, _inputs.Pipeline(parsed) with { Enhance = EnhanceChoice.On });
        var pictures = new FacePictures(folder);
        var table = new ReportTable(
            $"Faces by {models.Enhancer.Id}",
            new("Image"), new("Status"), new("Face", Numeric: true), new("At"), new("Face px", Numeric: true), new("Band"),
            new("Enhanced"), new("File"), new("Reason"));
        int failures = await ImageRun.RunAsync(
            Terminal, images, pipeline, batch => WriteAsync(batch, pictures, table, cancellation), cancellation);
        Terminal.Write(table);
        ImageRun.SumUp(Terminal, failures, images.Count);
        return failures > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private static async Task WriteAsync(
        IReadOnlyList<ImageResult> batch, FacePictures pictures, ReportTable table, CancellationToken cancellation)
    {
        await pictures.WriteAsync(batch, cancellation);
        foreach (ImageResult image in batch)
        {
            if (image.Faces.Count == 0)
                table.Add(image.Name, ResultMetadata.NameOf(image.Status), "", "", "", "", "", "", image.Reason!);
            for (int i = 0; i < image.Faces.Count; i++)
            {
                FaceResult face = image.Faces[i];
                table.Add(
                    image.Name, ResultMetadata.NameOf(image.Status), $"{i}", FacePictures.PlaceOf(face.Box),
                    face.SourceHeight.ToString("0", CultureInfo.InvariantCulture), face.Band.Name,
                    face.Enhanced is null ? "no: large enough" : "yes", FacePictures.NameOf(image, i), "");
            }
        }
    }
}
