using System.CommandLine;
using System.Globalization;
using IpuNet.Cli.Enhance;
using IpuNet.Cli.Galleries;
using IpuNet.Cli.Inputs;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;

namespace IpuNet.Cli.Identify;

/// <summary><c>ipunet identify</c>: names the subjects whose faces are in images.</summary>
internal sealed class IdentifyCommand : CliCommand
{
    private readonly InputOptions _inputs;
    private readonly ModelArguments _models;
    private readonly Option<string> _gallery = GalleryArguments.CreateOption();
    private readonly Option<EnhanceChoice> _enhance = EnhanceOption();
    private readonly JsonOption _json = new();
    private readonly Option<string?> _out =
        new("--out", "-o") { Description = "Folder for a picture of each face. Without it, no picture is written.", HelpName = "DIR" };
    private readonly Option<int> _top = new("--top")
    {
        Description = "Largest number of subjects to name for each face.",
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
        _models = new ModelArguments(
            this, "Recogniser that embeds the faces. The gallery must have embeddings by it.",
            recogniserDefault: GalleryArguments.RecogniserDefault);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet identify camera/ --gallery gallery/", "Prints a table of the faces in each image."),
        ("ipunet identify face.png --faces crop --gallery gallery/ --json", "Identifies one crop and prints JSON."),
        ("ipunet identify camera/ --gallery gallery/ --enhance off --out faces/", "Uses no super-resolution, and writes the faces."),
    ];

    public static Option<EnhanceChoice> EnhanceOption()
    {
        return new Option<EnhanceChoice>("--enhance")
        {
            Description = "Faces to super-resolve. 'auto', the default, follows the enhancer's policy. 'on' takes all faces, 'off' none.",
        }.OneOf(("auto", EnhanceChoice.Auto), ("on", EnhanceChoice.On), ("off", EnhanceChoice.Off));
    }

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string? folder = parsed.GetValue(_out);
        bool json = parsed.GetValue(_json);
        string searched = parsed.GetRequiredValue(_gallery);
        GalleryArguments.Open(searched);
        var images = _inputs.Images(parsed, folder);
        ModelStore store = GalleryArguments.StoreFor(searched, _models, parsed, Terminal);
        using var models = PipelineModels.Open(store, _models.Settings(parsed), recognise: true);
        var (index, unusable) = GalleryArguments.Load(searched, models, Terminal, cancellation);
        var identifier = new FaceIdentifier(index, models);
        var pictures = folder is null ? null : new FacePictures(folder);

        AnswerWriter answers = json ? new JsonAnswers(Terminal) : new TableAnswers(Terminal);
        int failures;
        using (answers)
        {
            var pipeline = new ImagePipeline(models, _inputs.Pipeline(parsed) with { Enhance = parsed.GetValue(_enhance) });
            failures = await ImageRun.RunAsync(Terminal, images, pipeline, HandleAsync, cancellation);
        }

        ImageRun.SumUp(Terminal, failures, images.Count);
        return failures + unusable > 0 ? ExitCode.SomeFailed : ExitCode.Done;

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

/// <summary>Collects a table with one row for each face, and one with one row for each image without a face.</summary>
internal sealed class TableAnswers(Terminal terminal) : AnswerWriter
{
    private readonly ReportTable _table = new(
        "Identified faces",
        new("Image"), new("Face", Numeric: true), new("At"), new("Height"), new("Decision"), new("Most similar"),
        new("Threshold", Numeric: true), new("Next"));

    private readonly ReportTable _without = new("Images without a face", new("Image"), new("Status"), new("Reason"));
    private double _far;
    private bool _hasMarks;

    public override void Write(ImageAnswer answer)
    {
        if (answer.Faces.Count == 0)
            _without.Add(answer.Image, ResultMetadata.NameOf(answer.Status), answer.Reason!);
        for (int i = 0; i < answer.Faces.Count; i++)
        {
            FaceAnswer face = answer.Faces[i];
            _far = face.Far;
            _hasMarks |= face.Crop || face.Unsure;
            string height = string.Join(", ", [$"{face.SourceHeight} px", .. face.Marks()]);
            _table.Add(
                answer.Image, $"{i}", FacePictures.PlaceOf(face.Box), height, face.Decision,
                Text(face.Matches.ElementAtOrDefault(0)), Text(face.Threshold), Text(face.Matches.ElementAtOrDefault(1)));
        }
    }

    public override void Dispose()
    {
        if (_table.Rows.Count > 0)
            terminal.Write(_table);
        if (_without.Rows.Count > 0)
            terminal.Write(_without);
        if (_hasMarks)
        {
            terminal.WriteLine(
                "'crop': no face was looked for or found, so the whole image was taken for one. "
                + "'unsure': the face may lie otherwise, or be none.");
        }

        if (_far > 0)
            terminal.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"'At' is the left and top edge of the face in pixels. SR is super-resolution. "
                + $"A face is 'known' if its score reaches the threshold. "
                + $"Two different people reach it in 1 of {1 / _far:N0} comparisons."));
    }

    private static string Text(GalleryMatch? match) => match is null ? "" : $"{match.SubjectId} {Text(match.Score)}";

    private static string Text(float value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
