using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Inputs;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Cloud;

/// <summary><c>ipunet upload-training</c>: gives images of people to learn from.</summary>
internal sealed class UploadTrainingCommand : CliCommand
{
    private readonly Argument<string> _folder = new("DIR") { Description = "A folder with one folder for each person; the folder's name is the identity." };
    private readonly Option<bool> _fixed = new("--fixed") { Description = "Never learn from them: each new model is judged by them, beside people held out." };
    private readonly StorageArguments _storage;

    public UploadTrainingCommand(Terminal terminal)
        : base(terminal, "upload-training", $"Uploads images of people to the container '{StorageNames.Training}', for the next training.")
    {
        Arguments.Add(_folder);
        Options.Add(_fixed);
        _storage = new StorageArguments(this, Terminal);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet upload-training people/", "people/ada/1.jpg becomes an image of 'ada' to learn from, in the local cloud."),
        ("ipunet upload-training benchmark/ --fixed --account ipunetprod", "People by whom each new model is judged, in Azure."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string folder = parsed.GetRequiredValue(_folder);
        if (!Directory.Exists(folder))
            throw new UsageException($"{folder}: there is no such folder.");
        IReadOnlyList<ImageSource> sources = ImageInputs.Find([folder]);
        return _storage.UseAsync(parsed, async account =>
        {
            int failures = await UploadRun.ToTrainingAsync(Terminal, account, parsed.GetValue(_fixed), sources, cancellation);
            Terminal.WriteLine($"{sources.Count - failures} of {sources.Count} images are uploaded. `ipunet enqueue retraining` asks for a training.");
            return failures == 0 ? ExitCode.Done : ExitCode.SomeFailed;
        }, cancellation);
    }
}
