using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Inputs;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;

namespace IpuNet.Cli.Cloud;

/// <summary><c>ipunet upload</c>: gives images to the service.</summary>
internal sealed class UploadCommand : CliCommand
{
    private readonly Argument<string[]> _inputs = new("IN")
    {
        Description = "Images, .zip files of images, folders of both, or patterns such as 'in/**/*.jpg'.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<bool> _wait = new("--wait") { Description = "Wait until every upload has a result, then print the status." };
    private readonly BatchArguments _batch;
    private readonly StorageArguments _storage;

    public UploadCommand(Terminal terminal)
        : base(terminal, "upload", "Uploads images to the service, which recognises the faces in them.")
    {
        Arguments.Add(_inputs);
        _batch = new BatchArguments(this);
        Options.Add(_wait);
        Options.Add(new JsonOption());
        _storage = new StorageArguments(this, Terminal);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet upload camera/ --batch cam-7 --wait", "Uploads a folder to the local cloud and waits for the results."),
        ("ipunet upload crops.zip --batch cam-8 --faces crop --gallery staff --account ipunetprod", "Uploads crops to Azure."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string batch = _batch.Batch(parsed);
        UploadRequest request = _batch.Request(parsed);
        string[] given = parsed.GetRequiredValue(_inputs);
        ImageInputs.RequireThere(given);
        var inputs = given.ToLookup(input => UploadName.IsArchive(input) && File.Exists(input));
        ImageSource[] sources =
        [
            .. inputs[true].Select(archive => ImageInputs.Whole(archive, Path.GetFileName(archive))),
            .. inputs[false].Any() ? ImageInputs.Find([.. inputs[false]], isWhole: UploadName.IsArchive) : [],
        ];
        return _storage.UseAsync(parsed, async account =>
        {
            int failures = await UploadRun.ToBatchAsync(Terminal, account, batch, request, sources, cancellation);
            Terminal.WriteLine($"Uploaded {Counted.Of(sources.Length - failures, sources.Length, "file")} to batch '{batch}'.");
            int code = failures == 0 ? ExitCode.Done : ExitCode.SomeFailed;
            return parsed.GetValue(_wait) && failures < sources.Length
                ? Math.Max(code, await StatusCommand.ShowAsync(account, batch, wait: true, Terminal, cancellation))
                : code;
        }, cancellation);
    }
}

/// <summary><c>ipunet upload-training</c>: uploads training images.</summary>
internal sealed class UploadTrainingCommand : CliCommand
{
    private readonly Argument<string> _folder =
        new("DIR") { Description = "A folder with one folder for each person, named by the person's identity." };
    private readonly Option<bool> _fixed = new("--fixed")
    {
        Description = "Use the images for the gate only. Every candidate is judged on them, and none is trained on them.",
    };
    private readonly StorageArguments _storage;

    public UploadTrainingCommand(Terminal terminal)
        : base(terminal, "upload-training", $"Uploads training images of people to the container '{StorageNames.Training}'.")
    {
        Arguments.Add(_folder);
        Options.Add(_fixed);
        _storage = new StorageArguments(this, Terminal);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet upload-training people/", "people/ada/1.jpg becomes a training image of 'ada' in the local cloud."),
        ("ipunet upload-training benchmark/ --fixed --account ipunetprod", "Uploads people for the gate to Azure."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string folder = parsed.GetRequiredValue(_folder);
        ImageInputs.RequireFolder(folder, "one that has a folder of images for each person");
        IReadOnlyList<ImageSource> sources = ImageInputs.Find([folder]);
        return _storage.UseAsync(parsed, async account =>
        {
            int failures = await UploadRun.ToTrainingAsync(Terminal, account, parsed.GetValue(_fixed), sources, cancellation);
            Terminal.WriteLine(
                $"Uploaded {Counted.Of(sources.Count - failures, sources.Count, "image")}. `ipunet enqueue retraining` trains on them.");
            return failures == 0 ? ExitCode.Done : ExitCode.SomeFailed;
        }, cancellation);
    }
}
