using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Inputs;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Intake;

namespace IpuNet.Cli.Cloud;

/// <summary><c>ipunet upload</c>: gives images to the service.</summary>
internal sealed class UploadCommand : CliCommand
{
    private readonly Argument<string[]> _inputs = new("IN")
    {
        Description = "Images, .zip files of images, folders of both, or patterns such as 'in/**/*.jpg'.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<bool> _wait = new("--wait") { Description = "Wait until each upload has its result." };
    private readonly BatchArguments _batch;
    private readonly StorageArguments _storage;

    public UploadCommand(Terminal terminal)
        : base(terminal, "upload", "Uploads images to be recognised by the service.")
    {
        Arguments.Add(_inputs);
        _batch = new BatchArguments(this);
        Options.Add(_wait);
        _storage = new StorageArguments(this, Terminal);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet upload camera/ --batch cam-7 --wait", "Uploads a folder to the local cloud and waits for the results."),
        ("ipunet upload crops.zip --batch cam-8 --faces crop --gallery staff --account ipunetprod", "An archive of cut-out faces, to Azure."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string batch = _batch.Batch(parsed);
        UploadWishes wishes = _batch.Wishes(parsed);
        var inputs = parsed.GetRequiredValue(_inputs).ToLookup(input => UploadName.IsArchive(input) && File.Exists(input));
        ImageSource[] sources =
        [
            .. inputs[true].Select(archive => ImageInputs.Whole(archive, Path.GetFileName(archive))),
            .. inputs[false].Any() ? ImageInputs.Find([.. inputs[false]], isWhole: UploadName.IsArchive) : [],
        ];
        return _storage.UseAsync(parsed, async account =>
        {
            int failures = await UploadRun.ToBatchAsync(Terminal, account, batch, wishes, sources, cancellation);
            Terminal.WriteLine($"{sources.Length - failures} of {sources.Length} files are uploaded to batch '{batch}'.");
            int code = failures == 0 ? ExitCode.Done : ExitCode.SomeFailed;
            return parsed.GetValue(_wait) && failures < sources.Length
                ? Math.Max(code, await StatusCommand.ShowAsync(account, batch, wait: true, Terminal, cancellation))
                : code;
        }, cancellation);
    }
}
