using System.CommandLine;
using IpuNet.Cli.Cloud;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Enrolment;
using IpuNet.Service.Galleries;
using IpuNet.Service.Models;
using IpuNet.Service.Reembedding;
using IpuNet.Service.Registry;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Galleries;

/// <summary><c>ipunet gallery reembed</c>: has the galleries in storage embedded by the recogniser that is in use, or is to be.</summary>
internal sealed class GalleryReembedCommand : CliCommand
{
    private readonly Option<string?> _gallery = new("--gallery", "-g") { Description = "Name of one gallery. Default: all.", HelpName = "NAME" };
    private readonly Option<bool> _leaveBehind = new("--leave-behind")
    {
        Description = "Go on to the recogniser although faces cannot be embedded, of which neither aligned face nor picture was kept. Their subjects are named.",
    };

    private readonly Option<bool> _forget = new("--forget-others") { Description = "Remove the embeddings of other recognisers: there is no quick way back to those then." };
    private readonly Option<bool> _enqueue = new("--enqueue") { Description = "Have the service's workers do it, and wait for their answers." };
    private readonly CommandLine.ModelOptions _models;
    private readonly StorageArguments _storage;

    public GalleryReembedCommand(Terminal terminal)
        : base(terminal, "reembed", "Embeds everybody in the galleries of the storage account by the recogniser that is to be used, while the service goes on with the former. "
            + "Stopped or killed, it goes on where it was when it is started again.")
    {
        foreach (Option option in (Option[])[_gallery, _leaveBehind, _forget, _enqueue])
            Options.Add(option);
        _models = new CommandLine.ModelOptions(this);
        _storage = new StorageArguments(this, Terminal);
        Validators.Add(result =>
        {
            if (result.GetValue(_enqueue) && result.GetValue(_forget))
                result.AddError("--forget-others is not for the service's workers: leave --enqueue out.");
        });
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet gallery reembed", "After `ipunet models promote` of a recogniser: workers switch to it when all galleries are ready."),
        ("ipunet gallery reembed --enqueue --leave-behind", "By the workers; who cannot be embedded is named, and not found from then on."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation) => _storage.UseAsync(parsed, async account =>
    {
        using var galleries = new GalleryCache(account, TimeProvider.System);
        IReadOnlyList<string> names = parsed.GetValue(_gallery) is { } one ? [one] : await galleries.ListAsync(cancellation);
        if (names.Count == 0)
            throw new UsageException("There is no gallery in storage.");
        return parsed.GetValue(_enqueue)
            ? await EnqueueAsync(account, names, parsed.GetValue(_leaveBehind), cancellation)
            : await RunAsync(account, names, parsed, cancellation);
    }, cancellation);

    private async Task<int> RunAsync(StorageAccount account, IReadOnlyList<string> names, ParseResult parsed, CancellationToken cancellation)
    {
        var registry = new ModelRegistry(account, TimeProvider.System);
        using PipelineModels models = await new ModelLoader(registry, _models.ToService(parsed)).LoadAsync(await registry.CurrentAsync(cancellation) ?? new(), cancellation);
        Terminal.Note($"By {models.Source}.");
        var wish = new ReembeddingWish(parsed.GetValue(_leaveBehind), parsed.GetValue(_forget));
        bool isReady = true;
        foreach (string name in names)
        {
            ReembeddingReport report = await ProgressDisplay.RunAsync(Terminal, $"subjects of {name}", 0, progress =>
                new GalleryReembedding(account, models, new EnrolmentOptions(), TimeProvider.System).RunAsync(
                    name,
                    wish,
                    done =>
                    {
                        progress.Report(new ProgressCount(done.Subjects, done.Total));
                        return ValueTask.CompletedTask;
                    },
                    cancellation));
            Say(report);
            isReady &= report.IsReady;
        }

        return isReady ? ExitCode.Done : ExitCode.SomeFailed;
    }

    private async Task<int> EnqueueAsync(StorageAccount account, IReadOnlyList<string> names, bool leaveBehind, CancellationToken cancellation)
    {
        bool isReady = true;
        foreach (string name in names)
        {
            string job = await EnrolmentJobs.SendReembeddingAsync(account, name, leaveBehind, cancellation);
            Terminal.Note($"Job {job} is in the queue; its answer will be {StorageNames.Results}/{StorageNames.EnrolmentAnswer(job)}.");
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
        Terminal.WriteLine($"{report.Gallery}: {report.Subjects} subjects, {report.Faces} faces embedded by {report.Recogniser} now.");
        foreach (LeftSubject left in report.LeftBehind)
            Terminal.Fail($"{left.SubjectId}: {left.Reason}");
        if (!report.IsReady)
            Terminal.Fail($"{report.Gallery} is not ready: {report.LeftBehind.Count} subjects cannot be embedded. Enrol them anew, delete them, or leave them behind with --leave-behind.");
    }
}
