using System.CommandLine;
using System.Globalization;
using IpuNet.Cli.Galleries;
using IpuNet.Cli.Inputs;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Inputs;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;

namespace IpuNet.Cli.Enrol;

/// <summary><c>ipunet enroll</c>: puts people into a gallery.</summary>
internal sealed class EnrollCommand : CliCommand
{
    private readonly Argument<string> _folder = new("FOLDER") { Description = "A folder with one folder of images for each subject, named by the subject's id." };
    private readonly Option<string> _gallery = GalleryFolder.CreateOption();
    private readonly Option<FaceFinding> _faces = InputOptions.FacesOption();
    private readonly Option<bool> _replace = new("--replace") { Description = "Replace what is enrolled of a subject instead of adding to it." };
    private readonly Option<float> _minFace = new("--min-face")
    {
        Description = "Least height of a face, pixels.",
        DefaultValueFactory = _ => new EnrolmentGate().MinFaceHeight,
        HelpName = "PX",
    };

    private readonly Option<float> _minSharpness = new("--min-sharpness")
    {
        Description = "Least sharpness of a face; 0 takes blurred ones too.",
        DefaultValueFactory = _ => new EnrolmentGate().MinSharpness,
        HelpName = "S",
    };

    private readonly ModelOptions _models;

    public EnrollCommand(Terminal terminal)
        : base(terminal, "enroll", "Enrols people in a gallery. Each image needs exactly one face, large and sharp enough; the answer says which were refused and why.")
    {
        Arguments.Add(_folder);
        foreach (Option option in (Option[])[_gallery, _faces, _replace, _minFace, _minSharpness])
            Options.Add(option);
        _models = new ModelOptions(this);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet enroll people/ --gallery gallery/", "people/ada/1.jpg and people/ada/2.jpg are enrolled as 'ada'."),
        ("ipunet enroll people/ --gallery gallery/ --replace", "The same, and what was enrolled of them before goes."),
    ];

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string folder = parsed.GetRequiredValue(_folder);
        if (!Directory.Exists(folder))
            throw new UsageException($"{folder}: there is no such folder. It should hold a folder of images for each subject.");
        var images = ImageInputs.Find([folder], parsed.GetRequiredValue(_gallery));
        using var models = PipelineModels.Open(_models.Store(parsed), _models.Settings(parsed), recognise: true);
        HashSet<string> replaced = parsed.GetValue(_replace) ? [.. Directory.GetDirectories(folder).Select(subject => Path.GetFileName(subject)!)] : [];
        GalleryFolder.RequireSource(parsed.GetRequiredValue(_gallery), models.Source, replaced, cancellation);
        var gate = new EnrolmentGate { MinFaceHeight = parsed.GetValue(_minFace), MinSharpness = parsed.GetValue(_minSharpness) };
        var enrolment = new FolderEnrolment(new FolderGallery(parsed.GetRequiredValue(_gallery)), new EnrolmentJudge(gate, models.Source), parsed.GetValue(_replace));
        var pipeline = new ImagePipeline(models, EnrolmentJudge.PipelineOptions(new() { Faces = parsed.GetValue(_faces) }));
        await ImageRun.RunAsync(
            Terminal,
            images,
            pipeline,
            batch =>
            {
                foreach (ImageResult image in batch)
                    enrolment.Add(image);
                return Task.CompletedTask;
            },
            quiet: false,
            cancellation);
        return Report(enrolment.Finish(), SubjectsOf(folder, parsed.GetRequiredValue(_gallery)));
    }

    // Also those of whom there is no image at all.
    private static IEnumerable<string> SubjectsOf(string folder, string gallery) => Directory.GetDirectories(folder)
        .Where(subject => Path.GetFullPath(subject) != Path.TrimEndingDirectorySeparator(Path.GetFullPath(gallery)))
        .Select(subject => Path.GetFileName(subject)!)
        .Where(subject => !ImageFiles.IsSideFile(subject));

    private int Report(IReadOnlyList<EnrolmentAnswer> answers, IEnumerable<string> subjects)
    {
        var table = new ReportTable("Enrolment", new("Image"), new("Subject"), new("Answer"), new("Face px", Numeric: true), new("Sharpness", Numeric: true), new("Reason"));
        foreach (EnrolmentAnswer answer in answers)
            table.Add(
                answer.Image, answer.SubjectId, answer.Refusal is null ? "accepted" : "refused", Text(answer.Quality?.FaceHeight),
                Text(answer.Quality?.Sharpness), answer.Refusal ?? "");
        Terminal.Write(table);
        int refused = answers.Count(answer => answer.Refusal is not null);
        Terminal.WriteLine($"{answers.Count - refused} accepted, {refused} refused.");
        IEnumerable<string> enrolled = answers.Where(answer => answer.Refusal is null).Select(answer => answer.SubjectId);
        string[] missing = [.. subjects.Except(enrolled).Order(StringComparer.Ordinal)];
        foreach (string subject in missing)
            Terminal.Fail($"{subject}: no image was accepted, so none was enrolled now");
        return refused + missing.Length > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private static string Text(float? value) => value?.ToString("0", CultureInfo.InvariantCulture) ?? "";
}
