using System.CommandLine;
using IpuNet.Cli.Enhance;
using IpuNet.Cli.Galleries;
using IpuNet.Cli.Inputs;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Cli.Identify;

/// <summary><c>ipunet identify</c>: says whose faces are in images.</summary>
internal sealed class IdentifyCommand : CliCommand
{
    private readonly InputOptions _inputs;
    private readonly ModelOptions _models;
    private readonly Option<string> _gallery = GalleryFolder.CreateOption();
    private readonly Option<EnhanceChoice> _enhance = EnhanceOption();
    private readonly Option<bool> _json = new("--json") { Description = "Print the answers as JSON, and nothing else, on standard output." };
    private readonly Option<string?> _out = new("--out", "-o") { Description = "Folder for the faces as they were recognised; default none.", HelpName = "DIR" };
    private readonly Option<int> _top = new("--top")
    {
        Description = "How many subjects to name for each face at most.",
        DefaultValueFactory = _ => 5,
        HelpName = "K",
    };

    public IdentifyCommand(Terminal terminal)
        : base(terminal, "identify", "Says whose faces are in images: the most likely subjects of a gallery, or an honest 'unknown'.")
    {
        _inputs = new InputOptions(this);
        Options.Add(_gallery);
        Options.Add(_enhance);
        Options.Add(_top.AtLeast(1));
        Options.Add(_json);
        Options.Add(_out);
        _models = new ModelOptions(this);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet identify camera/ --gallery gallery/", "A table of who is in each image."),
        ("ipunet identify face.png --faces crop --gallery gallery/ --json", "One cut-out face, the answer as JSON."),
        ("ipunet identify camera/ --gallery gallery/ --enhance off --out faces/", "Without super-resolution; the faces are written too."),
    ];

    public static Option<EnhanceChoice> EnhanceOption()
    {
        var option = new Option<EnhanceChoice>("--enhance")
        {
            Description = "'auto', the default, super-resolves the faces whose resolution band the model's policy names; 'on' all; 'off' none.",
            HelpName = "auto|on|off",
        };
        option.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "auto", "on", "off");
        return option;
    }

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string? folder = parsed.GetValue(_out);
        bool json = parsed.GetValue(_json);
        var images = _inputs.Images(parsed, folder);
        using var models = PipelineModels.Open(_models.Store(parsed), _models.Settings(parsed), recognise: true);
        GalleryFolder gallery = GalleryFolder.Load(parsed.GetRequiredValue(_gallery), models, Terminal, cancellation);
        var identifier = new FaceIdentifier(gallery.Index, models);
        var pictures = folder is null ? null : new FacePictures(folder);

        using AnswerWriter answers = json ? new JsonAnswers(Terminal.Output) : new TableAnswers(Terminal);
        var pipeline = new ImagePipeline(models, new() { Faces = _inputs.Faces(parsed), Enhance = parsed.GetValue(_enhance) });
        int failures = await ImageRun.RunAsync(Terminal, images, pipeline, HandleAsync, quiet: json && Terminal.ShowsOutput, cancellation);
        return failures + gallery.Failures > 0 ? ExitCode.SomeFailed : ExitCode.Done;

        async Task HandleAsync(IReadOnlyList<ImageResult> batch)
        {
            var found = identifier.Identify(batch, parsed.GetValue(_top), cancellation);
            if (pictures is not null)
            {
                await pictures.WriteAsync(batch, cancellation);
                found = [.. found.Zip(batch, WithPictures)];
            }

            foreach (ImageAnswer answer in found)
                answers.Write(answer);
        }
    }

    private static ImageAnswer WithPictures(ImageAnswer answer, ImageResult image) =>
        answer with { Faces = [.. answer.Faces.Select((face, i) => face with { Image = FacePictures.NameOf(image, i) })] };
}
