using System.CommandLine;
using IpuNet.Cli.Galleries;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Inputs;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;

namespace IpuNet.Cli.Cloud;

/// <summary><c>ipunet enqueue enrolment</c>: asks the service to change a gallery.</summary>
internal sealed class EnqueueEnrolmentCommand : CliCommand
{
    private readonly Argument<string[]> _images = new("IMAGE")
    {
        Description = "Images of the subject: files, folders or patterns. A deletion takes none.",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string> _subject =
        new("--subject", "-s") { Description = "Id of the subject.", HelpName = "ID", Required = true };
    private readonly Option<string> _gallery = BatchArguments.GalleryOption();
    private readonly Option<EnrolmentAction> _action = new("--action")
    {
        Description = "'add', the default, adds faces. 'replace' removes the enrolled faces first. 'delete' removes the subject.",
    };

    private readonly Option<bool> _largest = GalleryArguments.LargestOption();
    private readonly Option<bool> _wait = new("--wait") { Description = "Wait for the answer and print it." };
    private readonly JsonOption _json = new();
    private readonly StorageArguments _storage;

    public EnqueueEnrolmentCommand(Terminal terminal)
        : base(terminal, "enrolment", "Enqueues a job that enrols a subject in a gallery, or deletes one.")
    {
        _action.OneOf(("add", EnrolmentAction.Add), ("replace", EnrolmentAction.Replace), ("delete", EnrolmentAction.Delete));
        Arguments.Add(_images);
        foreach (Option option in (Option[])[_subject, _gallery, _action, _largest, _wait, _json])
            Options.Add(option);
        _storage = new StorageArguments(this, Terminal);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet enqueue enrolment people/ada/ --subject ada --wait", "Enrols a folder of images as 'ada'."),
        ("ipunet enqueue enrolment --subject ada --action delete --wait", "Removes all data of 'ada'."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string[] given = parsed.GetValue(_images) ?? [];
        EnrolmentAction action = parsed.GetValue(_action);
        if (action == EnrolmentAction.Delete ? given.Length > 0 : given.Length == 0)
        {
            throw new UsageException(action == EnrolmentAction.Delete
                ? "A deletion takes no images: leave them out."
                : "Name at least one image of the subject.");
        }

        IReadOnlyList<ImageSource> images = given.Length == 0 ? [] : ImageInputs.Find(given);
        if (images.Count > EnrolmentMessage.MaxImages)
        {
            throw new UsageException(
                $"One enrolment takes at most {EnrolmentMessage.MaxImages} images, but {images.Count} are named. Enrol them in parts.");
        }

        string subject = SubjectId.Require(parsed.GetRequiredValue(_subject));
        return _storage.UseAsync(parsed, async account =>
        {
            string job = await EnrolmentJobs.SendAsync(
                account, parsed.GetValue(_gallery)!, subject, action, images, parsed.GetValue(_largest), cancellation);
            Terminal.Note($"Job {job} is in the queue. The answer will be {StorageNames.Results}/{StorageNames.EnrolmentAnswer(job)}.");
            if (!parsed.GetValue(_wait))
                return ExitCode.Done;
            EnrolmentAnswer answer = await EnrolmentJobs.AnswerAsync(account, job, cancellation);
            bool isNobody = answer.Removed is { Embeddings: 0, Pictures: 0, Crops: 0, Strips: 0 };
            if (parsed.GetValue(_json))
                Terminal.WriteJson(answer.ToJson());
            else if (!isNobody)
                Show(answer, subject);
            if (isNobody)
            {
                Terminal.Fail(
                    $"The gallery '{answer.Gallery}' has no subject '{subject}', so nothing was removed. `ipunet gallery list --stored "
                    + $"{answer.Gallery}` lists its subjects.");
                return ExitCode.SomeFailed;
            }

            Terminal.SumUp(answer.Images.Count(image => !image.Accepted), answer.Images.Count, "image", "refused. The answer says why");
            return answer.Status == EnrolmentStatus.Ok && answer.Images.All(image => image.Accepted) ? ExitCode.Done : ExitCode.SomeFailed;
        }, cancellation);
    }

    private void Show(EnrolmentAnswer answer, string subject)
    {
        if (answer.Images.Count > 0)
            Terminal.Write(EnrolmentTable.Of(answer.Images.Select(image => new EnrolledFile(subject, image))));
        if (answer.Reason is { } reason)
            Terminal.Fail(reason);
        if (answer.Embeddings is { } faces)
            Terminal.WriteLine($"{subject} now has {Counted.Of(faces, "face")} in the gallery '{answer.Gallery}'.");
        if (answer.Removed is not { } removed)
            return;
        string embeddings = removed.Embeddings is { } known ? Counted.Of(known, "embedding") : "a damaged record";
        Terminal.WriteLine(
            $"Removed all data of {subject}: {embeddings}, {Counted.Of(removed.Pictures, "picture")}, "
            + $"{Counted.Of(removed.Crops, "aligned face")}, {Counted.Of(removed.Strips, "picture")} on pages.");
        foreach (string image in removed.TrainingImages)
            Terminal.Warn($"{image} is kept for retraining. Delete it yourself if it should go.");
    }
}
