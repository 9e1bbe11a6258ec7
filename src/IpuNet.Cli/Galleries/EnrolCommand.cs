using System.CommandLine;
using IpuNet.Cli.Inputs;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Inputs;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Files;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Cli.Galleries;

/// <summary><c>ipunet enrol</c>: enrols people in a gallery.</summary>
internal sealed class EnrolCommand : CliCommand
{
    private readonly Argument<string> _folder =
        new("FOLDER") { Description = "A folder with one folder of images for each subject, named by the subject's id." };
    private readonly Option<string> _gallery = GalleryArguments.CreateOption();
    private readonly Option<FaceDetectionMode> _faces = FindOptions.FacesOption();
    private readonly Option<bool> _replace =
        new("--replace") { Description = "Replace the enrolled faces of each subject instead of adding to them." };
    private readonly Option<bool> _largest = GalleryArguments.LargestOption();
    private readonly Option<FaceRetention> _retain = RetainOption();
    private readonly Option<float> _minFace = new("--min-face")
    {
        Description = "Smallest height of a face, in pixels.",
        DefaultValueFactory = _ => new EnrolmentGate().MinFaceHeight,
        HelpName = "PX",
    };

    private readonly Option<float> _minSharpness = new("--min-sharpness")
    {
        Description = "Smallest sharpness of a face. 0 accepts every face.",
        DefaultValueFactory = _ => new EnrolmentGate().MinSharpness,
        HelpName = "S",
    };

    private readonly ModelArguments _models;

    public EnrolCommand(Terminal terminal)
        : base(
            terminal, "enrol",
            "Enrols people in a gallery. Each image must show exactly one face that is large and sharp enough, or --largest takes the "
            + "largest. A face that lies on its side is turned. The table says which images were refused, and why.")
    {
        // The American spelling.
        Aliases.Add("enroll");
        Arguments.Add(_folder);
        Option[] options =
            [_gallery, _faces, _replace, _largest, _retain, _minFace.AtLeast(0), _minSharpness.AtLeast(0), new JsonOption()];
        foreach (Option option in options)
            Options.Add(option);
        _models = new ModelArguments(
            this, "Recogniser that embeds the faces. A gallery that another recogniser embedded needs `ipunet gallery reembed` first.",
            recogniserDefault: GalleryArguments.RecogniserDefault);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet enrol people/ --gallery gallery/", "Enrols people/ada/1.jpg and people/ada/2.jpg as 'ada'."),
        ("ipunet enrol people/ --gallery gallery/ --replace", "The same; faces that were enrolled before are removed."),
    ];

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string folder = parsed.GetRequiredValue(_folder), into = parsed.GetRequiredValue(_gallery);
        ImageInputs.RequireFolder(folder, "one that has a folder of images for each subject");
        GalleryArguments.RequireNoFile(into);
        var images = ImageInputs.Find([folder], into);
        ModelStore store = GalleryArguments.StoreFor(into, _models, parsed, Terminal);
        using var models = PipelineModels.Open(store, _models.Settings(parsed), recognise: true);
        HashSet<string>? replaced =
            parsed.GetValue(_replace) ? [.. Directory.GetDirectories(folder).Select(subject => Path.GetFileName(subject)!)] : null;
        var gallery = new FolderGallery(into);
        gallery.Require(models.Source, replaced);
        using var closing = GalleryArguments.TellClosing(into, Terminal);
        var gate = new EnrolmentGate
        {
            MinFaceHeight = parsed.GetValue(_minFace),
            MinSharpness = parsed.GetValue(_minSharpness),
            TakesLargest = parsed.GetValue(_largest),
        };
        var enrolment = new FolderEnrolment(gallery, new EnrolmentJudge(gate, models.Source), replaced, parsed.GetValue(_retain));
        var pipeline = new ImagePipeline(models, EnrolmentJudge.PipelineOptions(new() { Faces = parsed.GetValue(_faces) }));
        await ImageRun.RunAsync(Terminal, images, pipeline, AddAsync, cancellation);
        int code = Report(enrolment.Finish(), SubjectsOf(folder, into));
        Hint(gallery.ReadRules(), models.Source, into, parsed.GetValue(_retain));
        return code;

        Task AddAsync(IReadOnlyList<ImageResult> batch)
        {
            foreach (ImageResult image in batch)
                enrolment.Add(image);
            return Task.CompletedTask;
        }
    }

    private static Option<FaceRetention> RetainOption()
    {
        return new Option<FaceRetention>("--retain")
        {
            Description =
                "What the gallery keeps of each face. 'crops', the default, keeps the embedding and the aligned face, which `ipunet "
                + "gallery reembed` needs. 'embeddings-only' keeps the embedding alone, and removes the faces that were kept of the same "
                + "images.",
        }.OneOf(("crops", FaceRetention.Crops), ("embeddings-only", FaceRetention.EmbeddingsOnly));
    }

    // Includes the subjects without an image.
    private static IEnumerable<string> SubjectsOf(string folder, string gallery) => Directory.GetDirectories(folder)
        .Where(subject => Path.GetFullPath(subject) != Path.TrimEndingDirectorySeparator(Path.GetFullPath(gallery)))
        .Select(subject => Path.GetFileName(subject)!)
        .Where(subject => !ImageFiles.IsSideFile(subject));

    private int Report(IReadOnlyList<EnrolledFile> answers, IEnumerable<string> subjects)
    {
        Terminal.Write(EnrolmentTable.Of(answers));
        int refused = answers.Count(answer => !answer.Image.Accepted), present = answers.Count(answer => answer.WasThere);
        string there = present > 0 ? $", {present} enrolled already" : "";
        Terminal.WriteLine($"{answers.Count - refused - present} accepted{there}, {refused} refused.");
        IEnumerable<string> enrolled = answers.Where(answer => answer.Image.Accepted).Select(answer => answer.SubjectId);
        string[] missing = [.. subjects.Except(enrolled).Order(StringComparer.Ordinal)];
        foreach (string subject in missing)
            Terminal.Fail($"{subject}: no image of this subject was accepted.");
        Terminal.SumUp(refused, answers.Count, "image", "refused. The table says why");
        return refused + missing.Length > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    // What the user may not expect.
    private void Hint(GalleryRules rules, EmbeddingSource source, string gallery, FaceRetention retain)
    {
        if (retain == FaceRetention.EmbeddingsOnly)
            Terminal.WriteLine(
                "Only the embeddings were kept of these images. For another recogniser, these subjects have to be enrolled again.");
        if (!rules.IsLatest(source))
        {
            string latest = rules.Sources![^1].Recogniser;
            Terminal.Warn(
                $"{gallery} was embedded by {latest} last, which does not find these faces yet. `ipunet gallery reembed --folder "
                + $"{CommandWord.Of(gallery)} --recogniser {latest}` changes that.");
        }
    }
}

/// <summary>Enrols images named <c>{subject}/{file}</c>, one subject at a time. An image is accepted once its face is saved.</summary>
/// <param name="gallery">The gallery.</param>
/// <param name="judge">Decides which faces are enrolled.</param>
/// <param name="replaced">Ids of the subjects whose enrolled faces are replaced; null to add to all subjects.</param>
/// <param name="retain">What to keep beside the embeddings.</param>
internal sealed class FolderEnrolment(
    FolderGallery gallery, EnrolmentJudge judge, IReadOnlySet<string>? replaced, FaceRetention retain)
{
    private readonly List<EnrolledFile> _answers = [];

    // The faces of the current subject, each with the index of its answer.
    private readonly List<(int Answer, SubjectEmbedding Face, RgbImage? Aligned)> _accepted = [];
    private DateTimeOffset _at;

    /// <summary>Judges an image. The images of one subject must follow one another.</summary>
    public void Add(ImageResult image)
    {
        int slash = image.Name.IndexOf('/', StringComparison.Ordinal);
        string subject = slash < 0 ? "" : image.Name[..slash];
        if (_accepted.Count > 0 && _answers[_accepted[0].Answer].SubjectId != subject)
            Save();
        // Faces that are kept of one time are in one file, which holds no more than so many.
        if (_accepted.Count % FacePack.MaxFaces == 0)
            _at = DateTimeOffset.UtcNow;
        JudgedImage judged = Fault(subject) is { } fault
            ? new JudgedImage(new EnrolmentVerdict(fault, null), null)
            : judge.Judge(image, _at);
        _answers.Add(new EnrolledFile(subject, judged.Answer(image.Name)));
        if (judged.Embedding is { } face)
            _accepted.Add((_answers.Count - 1, face, judged.Kept(retain)));
    }

    /// <summary>Saves the last subject.</summary>
    /// <returns>The answer for each image, with the subject that its folder names, in the order of the images.</returns>
    public IReadOnlyList<EnrolledFile> Finish()
    {
        Save();
        return _answers;
    }

    private static string? Fault(string subject)
    {
        if (subject.Length == 0)
            return "it is not in a subject's folder: move it into one";
        try
        {
            SubjectId.Require(subject);
            return null;
        }
        catch (FaceDataException fault)
        {
            return fault.Message;
        }
    }

    private void Save()
    {
        if (_accepted.Count == 0)
            return;
        string subject = _answers[_accepted[0].Answer].SubjectId;
        try
        {
            var wasThere = gallery.Enrol(
                subject, [.. _accepted.Select(face => (face.Face, face.Aligned))], replaced is not null, replaced);
            foreach (var ((answer, _, _), isSame) in _accepted.Zip(wasThere))
                _answers[answer] = _answers[answer] with { WasThere = isSame };
        }
        catch (FaceDataException fault)
        {
            // Other models embedded the subject, or its file is damaged. The other subjects are enrolled all the same.
            foreach (var (answer, _, _) in _accepted)
                _answers[answer] = new EnrolledFile(subject, _answers[answer].Image with { Accepted = false, Reason = fault.Message });
        }

        _accepted.Clear();
    }
}
