using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reembedding;
using IpuNet.Faces.Reports;
using IpuNet.Service.Galleries;
using IpuNet.Service.Models;
using IpuNet.Service.Reembedding;
using IpuNet.Service.Registry;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Galleries;

/// <summary>
/// <c>ipunet gallery reembed</c>: embeds the galleries in storage, or a gallery in a folder, by the recogniser in use, or by the one
/// promoted last.
/// </summary>
internal sealed class GalleryReembedCommand : CliCommand
{
    private const string Recogniser =
        "Recogniser that embeds the galleries. Galleries of the service follow the promoted recogniser, if there is one.";

    private readonly Option<string?> _gallery =
        new("--gallery", "-g") { Description = "Name of one gallery of the service. Default: all of them.", HelpName = "NAME" };
    private readonly Option<string?> _folder = new("--folder")
    {
        Description = "Folder of a gallery, as `ipunet enrol` makes it. Default: the galleries of the service.",
        HelpName = "DIR",
    };

    private readonly Option<bool> _leaveBehind = new("--leave-behind")
    {
        Description =
            "Switch even if some subjects cannot be embedded, because neither aligned faces nor pictures of them were kept. The run lists "
            + "these subjects. Later searches do not find them.",
    };

    private readonly Option<bool> _forget =
        new("--forget-others") { Description = "Remove the embeddings of other recognisers. A rollback then needs another re-embedding." };
    private readonly Option<bool> _enqueue =
        new("--enqueue") { Description = "Give the job to the service's workers, and wait for their answers." };
    private readonly ModelArguments _models;
    private readonly StorageArguments _storage;

    public GalleryReembedCommand(Terminal terminal)
        : base(
            terminal, "reembed",
            "Embeds galleries by another recogniser: those of the service, or one in a folder. It needs the aligned faces that enrolment "
            + "kept. Searches use the old embeddings until all new ones are ready. To resume a stopped run, start it again.")
    {
        foreach (Option option in (Option[])[_gallery, _folder, _leaveBehind, _forget, _enqueue])
            Options.Add(option);
        _models = new ModelArguments(this, Recogniser);
        _storage = new StorageArguments(this, Terminal);
        // Workers have models of their own, and keep the embeddings of other recognisers.
        _enqueue.Refuse([_forget, .. _models.All]);
        _folder.Refuse([_gallery, _enqueue, .. _storage.All]);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet gallery reembed", "Run it after `ipunet registry promote` of a recogniser. Workers switch when all galleries are ready."),
        ("ipunet gallery reembed --folder gallery/ --recogniser facenet", "A gallery in a folder. Both recognisers can search it then."),
        ("ipunet gallery reembed --enqueue --leave-behind", "The workers do it. Subjects that cannot be embedded are left behind."),
    ];

    protected override Task<int> ExecuteAsync(
        ParseResult parsed, CancellationToken cancellation) => parsed.GetValue(_folder) is { } folder
        ? RunAsync(folder, parsed, cancellation)
        : RunAsync(parsed, cancellation);

    private Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation) => _storage.UseAsync(parsed, async account =>
    {
        using var galleries = new GalleryCache(account, TimeProvider.System);
        IReadOnlyList<string> names = parsed.GetValue(_gallery) is { } one ? [one] : await galleries.ListAsync(cancellation);
        if (names.Count == 0)
            throw new UsageException("Storage has no gallery. `ipunet enqueue enrolment` creates one.");
        return parsed.GetValue(_enqueue)
            ? await EnqueueAsync(account, names, parsed.GetValue(_leaveBehind), cancellation)
            : await RunAsync(account, names, parsed, cancellation);
    }, cancellation);

    private async Task<int> RunAsync(
        StorageAccount account, IReadOnlyList<string> names, ParseResult parsed, CancellationToken cancellation)
    {
        var registry = new ModelRegistry(account, TimeProvider.System);
        var loader = new ModelLoader(registry, _models.ToService(parsed));
        using PipelineModels models = await loader.LoadAsync(await registry.CurrentAsync(cancellation) ?? new(), cancellation);
        Terminal.Note($"Embedding by {models.Source}.");
        var reembedding = new GalleryReembedding(account, models, new EnrolmentOptions(), TimeProvider.System);
        bool isReady = true;
        foreach (string name in names)
            isReady &= await RunAsync(name, progress => reembedding.RunAsync(name, RequestOf(parsed), progress, cancellation));
        return isReady ? ExitCode.Done : ExitCode.SomeFailed;
    }

    private async Task<int> RunAsync(string folder, ParseResult parsed, CancellationToken cancellation)
    {
        if (GalleryArguments.Open(folder).List().Count == 0)
            throw GalleryArguments.Empty(folder);
        using var closing = GalleryArguments.TellClosing(folder, Terminal);
        using var models = PipelineModels.Open(_models.Store(parsed), _models.Settings(parsed), recognise: true);
        Terminal.Note($"Embedding by {models.Source}.");
        if (models.Policy is null)
            Terminal.Warn(
                $"There are no thresholds for {models.Source.Recogniser} yet, so `ipunet identify` cannot use it. `ipunet evaluate "
                + "--write-policy` measures them.");
        var reembedding = new FolderReembedding(folder, models);
        return await RunAsync(folder, progress => reembedding.RunAsync(RequestOf(parsed), progress, cancellation))
            ? ExitCode.Done
            : ExitCode.SomeFailed;
    }

    private ReembeddingRequest RequestOf(ParseResult parsed) => new(parsed.GetValue(_leaveBehind), parsed.GetValue(_forget));

    // True where the gallery is ready.
    private async Task<bool> RunAsync(string gallery, Func<Func<ReembeddingProgress, ValueTask>, Task<ReembeddingReport>> run)
    {
        ReembeddingReport report = await ProgressDisplay.RunAsync(Terminal, $"subjects of {gallery}", 0, progress => run(done =>
        {
            progress.Report(new ProgressCount(done.Subjects, done.Total));
            return ValueTask.CompletedTask;
        }));
        Say(report);
        return report.IsReady;
    }

    private async Task<int> EnqueueAsync(
        StorageAccount account, IReadOnlyList<string> names, bool leaveBehind, CancellationToken cancellation)
    {
        bool isReady = true;
        foreach (string name in names)
        {
            string job = await EnrolmentJobs.SendReembeddingAsync(account, name, leaveBehind, cancellation);
            Terminal.Note($"Job {job} is in the queue. The answer will be {StorageNames.Results}/{StorageNames.EnrolmentAnswer(job)}.");
            EnrolmentAnswer answer = await EnrolmentJobs.AnswerAsync(account, job, cancellation);
            if (answer.Reembedded is { } report)
                Say(report);
            else
                Terminal.Fail($"{name}: {answer.Reason}");
            isReady &= answer.Status == EnrolmentStatus.Ok;
        }

        return isReady ? ExitCode.Done : ExitCode.SomeFailed;
    }

    private void Say(ReembeddingReport report)
    {
        string subjects = Counted.Of(report.Subjects, "subject");
        Terminal.WriteLine(report is { Faces: 0, LeftBehind.Count: 0 }
            ? $"{report.Gallery}: {subjects}, already embedded by {report.Recogniser}: nothing to embed."
            : $"{report.Gallery}: {subjects}, {Counted.Of(report.Faces, "face")} now embedded by {report.Recogniser}.");
        foreach (LeftSubject left in report.LeftBehind)
            Terminal.Fail($"{left.SubjectId}: {left.Reason}");
        if (!report.IsReady)
            Terminal.Fail(
                $"{report.Gallery} is not ready: {Counted.Of(report.LeftBehind.Count, "subject")} cannot be embedded. Enrol them again, "
                + "delete them, or switch without them by --leave-behind.");
    }
}
