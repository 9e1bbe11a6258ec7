using System.CommandLine;
using System.Globalization;
using IpuNet.Cli.Enhance;
using IpuNet.Cli.Galleries;
using IpuNet.Cli.Inputs;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;

namespace IpuNet.Cli.Identify;

/// <summary><c>ipunet identify</c>: names the subjects whose faces are in images.</summary>
internal sealed class IdentifyCommand : CliCommand
{
    private readonly InputOptions _inputs;
    private readonly ModelOptions _models;
    private readonly Option<string> _gallery = GalleryFolder.CreateOption();
    private readonly Option<EnhanceChoice> _enhance = EnhanceOption();
    private readonly JsonOption _json = new();
    private readonly Option<string?> _out =
        new("--out", "-o") { Description = "Folder for the pictures of the faces. Default: none are written.", HelpName = "DIR" };
    private readonly Option<int> _top = new("--top")
    {
        Description = "Maximum number of subjects to name for each face.",
        DefaultValueFactory = _ => 5,
        HelpName = "K",
    };

    public IdentifyCommand(Terminal terminal)
        : base(terminal, "identify", "Names the most likely subjects of a gallery for each face in images, or says 'unknown'.")
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
        ("ipunet identify camera/ --gallery gallery/", "Prints a table of the faces in each image."),
        ("ipunet identify face.png --faces crop --gallery gallery/ --json", "Identifies one crop and prints JSON."),
        ("ipunet identify camera/ --gallery gallery/ --enhance off --out faces/", "Uses no super-resolution, and writes the faces."),
    ];

    public static Option<EnhanceChoice> EnhanceOption()
    {
        var option = new Option<EnhanceChoice>("--enhance")
        {
            Description = "Faces to super-resolve: 'auto', the default, follows the model's policy; 'on' takes all; 'off' none.",
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

        using AnswerWriter answers = json ? new JsonAnswers(Terminal) : new TableAnswers(Terminal);
        var pipeline = new ImagePipeline(models, new() { Faces = _inputs.Faces(parsed), Enhance = parsed.GetValue(_enhance) });
        int failures = await ImageRun.RunAsync(Terminal, images, pipeline, HandleAsync, cancellation);
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

/// <summary>Writes answers; disposing writes the rest.</summary>
internal abstract class AnswerWriter : IDisposable
{
    public abstract void Write(ImageAnswer answer);

    public abstract void Dispose();
}

/// <summary>Writes each answer at once, as a line of JSON in the form of the service's results.</summary>
internal sealed class JsonAnswers(Terminal terminal) : AnswerWriter
{
    public override void Write(ImageAnswer answer) => terminal.WriteJson(answer.ToJson());

    public override void Dispose() => terminal.Output.Flush();
}

/// <summary>Collects a table with one row for each face.</summary>
internal sealed class TableAnswers(Terminal terminal) : AnswerWriter
{
    private readonly ReportTable _table = new(
        "Identified faces",
        new("Image"), new("Face px", Numeric: true), new("SR"), new("Decision"), new("Most similar"),
        new("Score", Numeric: true), new("Threshold", Numeric: true), new("Next"));

    private double _far;

    public override void Write(ImageAnswer answer)
    {
        if (answer.Faces.Count == 0)
            _table.Add(answer.Image, "", "", answer.Reason!, "", "", "", "");
        foreach (FaceAnswer face in answer.Faces)
        {
            _far = face.Far;
            GalleryMatch? best = face.Matches is [var first, ..] ? first : null;
            _table.Add(
                answer.Image, Text(face.SourceHeight, "0"), face.Enhanced ? "yes" : "no", face.Decision, best?.SubjectId ?? "",
                Text(best?.Score, "0.000"), Text(face.Threshold, "0.000"),
                face.Matches is [_, var next, ..] ? $"{next.SubjectId} {Text(next.Score, "0.000")}" : "");
        }
    }

    public override void Dispose()
    {
        terminal.Write(_table);
        if (_far > 0)
            terminal.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"A face is 'known' from the threshold on. One comparison of two people in {1 / _far:N0} reaches it by mistake."));
    }

    private static string Text(float? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
