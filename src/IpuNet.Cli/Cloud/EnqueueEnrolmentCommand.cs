using System.CommandLine;
using System.Text;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Inputs;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Enrolment;
using IpuNet.Service.Messages;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Cloud;

/// <summary><c>ipunet enqueue enrolment</c>: asks the service to change a gallery.</summary>
internal sealed class EnqueueEnrolmentCommand : CliCommand
{
    private readonly Argument<string[]> _images = new("IMAGE") { Description = "Images of the subject; none for a deletion.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string> _subject = new("--subject", "-s") { Description = "Id of the subject.", HelpName = "ID", Required = true };
    private readonly Option<string> _gallery = BatchArguments.GalleryOption();
    private readonly Option<EnrolmentAction> _action = new("--action")
    {
        Description = "What is done: 'add' adds faces, 'replace' puts them in place of those that are enrolled, 'delete' removes every trace.",
        HelpName = "add|replace|delete",
    };

    private readonly Option<bool> _wait = new("--wait") { Description = "Wait for the answer." };
    private readonly StorageArguments _storage;

    public EnqueueEnrolmentCommand(Terminal terminal)
        : base(terminal, "enrolment", "Asks the service to enrol a subject in a gallery, or to delete one.")
    {
        _action.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "add", "replace", "delete");
        Arguments.Add(_images);
        foreach (Option option in (Option[])[_subject, _gallery, _action, _wait])
            Options.Add(option);
        _storage = new StorageArguments(this, Terminal);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet enqueue enrolment people/ada/ --subject ada --wait", "Enrols the images of a folder as 'ada', and says which were accepted."),
        ("ipunet enqueue enrolment --subject ada --action delete --wait", "Removes every trace of 'ada'."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string[] given = parsed.GetValue(_images) ?? [];
        EnrolmentAction action = parsed.GetValue(_action);
        if (action == EnrolmentAction.Delete ? given.Length > 0 : given.Length == 0)
            throw new UsageException(action == EnrolmentAction.Delete ? "A deletion takes no images." : "Name the images of the subject.");
        IReadOnlyList<ImageSource> images = given.Length == 0 ? [] : ImageInputs.Find(given);
        if (images.Count > EnrolmentMessage.MaxImages)
            throw new UsageException($"These are {images.Count} images; one enrolment takes at most {EnrolmentMessage.MaxImages}.");
        string subject = SubjectId.Require(parsed.GetRequiredValue(_subject));
        return _storage.UseAsync(parsed, async account =>
        {
            string job = await EnrolmentJobs.SendAsync(account, parsed.GetValue(_gallery)!, subject, action, images, cancellation);
            Terminal.WriteLine($"Job {job} is in the queue; its answer will be {StorageNames.Results}/{StorageNames.EnrolmentAnswer(job)}.");
            if (!parsed.GetValue(_wait))
                return ExitCode.Done;
            EnrolmentAnswer answer = await EnrolmentJobs.AnswerAsync(account, job, cancellation);
            Terminal.WriteLine(Encoding.UTF8.GetString(answer.ToJson()));
            if (answer.Removed is { Embeddings: 0, Pictures: 0, Crops: 0, Strips: 0 })
            {
                Terminal.Fail($"Nobody is enrolled as '{subject}' in the gallery '{answer.Gallery}', so nothing was removed. Is the id right?");
                return ExitCode.SomeFailed;
            }

            return answer.Status == EnrolmentStatus.Ok && answer.Images.All(image => image.Accepted) ? ExitCode.Done : ExitCode.SomeFailed;
        }, cancellation);
    }
}
