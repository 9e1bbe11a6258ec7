using System.CommandLine;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Cli.CommandLine;
using IpuNet.Cli.Inputs;
using IpuNet.Cli.Terminals;
using IpuNet.Faces;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Intake;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Cloud;

/// <summary><c>ipunet upload</c>: gives images to the service.</summary>
internal sealed class UploadCommand : CliCommand
{
    private const int UploadsAtOnce = 8;
    private const string ArchiveExtension = ".zip";

    private readonly Argument<string[]> _inputs = new("IN")
    {
        Description = "Images, folders of images, patterns such as 'in/**/*.jpg', or .zip files of images.",
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
        _storage = new StorageArguments(this);
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
        var inputs = parsed.GetRequiredValue(_inputs).ToLookup(input => input.EndsWith(ArchiveExtension, StringComparison.OrdinalIgnoreCase) && File.Exists(input));
        ImageSource[] sources =
        [
            .. inputs[true].Select(archive => new ImageSource(Path.GetFileName(archive), stop => File.ReadAllBytesAsync(archive, stop))),
            .. inputs[false].Any() ? ImageInputs.Find([.. inputs[false]]) : [],
        ];
        return _storage.UseAsync(parsed, async account =>
        {
            int failures = await UploadAsync(account, batch, wishes, sources, cancellation);
            Terminal.WriteLine($"{sources.Length - failures} of {sources.Length} files are uploaded to batch '{batch}'.");
            int code = failures == 0 ? ExitCode.Done : ExitCode.SomeFailed;
            return parsed.GetValue(_wait) && failures < sources.Length
                ? Math.Max(code, await StatusCommand.ShowAsync(account, batch, wait: true, Terminal, cancellation))
                : code;
        });
    }

    private Task<int> UploadAsync(StorageAccount account, string batch, UploadWishes wishes, ImageSource[] sources, CancellationToken cancellation)
    {
        BlobContainerClient uploads = account.Container(StorageNames.Uploads);
        return ProgressDisplay.RunAsync(Terminal, "uploads", sources.Length, async progress =>
        {
            int done = 0, failures = 0;
            await Parallel.ForEachAsync(sources, new ParallelOptions { MaxDegreeOfParallelism = UploadsAtOnce, CancellationToken = cancellation }, async (source, stop) =>
            {
                try
                {
                    UploadName name = UploadName.Parse($"{batch}/{source.Name}", out string? fault) ?? throw new FaceDataException($"{source.Name}: {fault}.");
                    await uploads.GetBlobClient(name.Blob).UploadAsync(
                        new BinaryData(await source.Read(stop)), new BlobUploadOptions { Metadata = wishes.ToMetadata() }, stop);
                }
                catch (Exception error) when (error is FaceDataException or IOException or UnauthorizedAccessException)
                {
                    Interlocked.Increment(ref failures);
                    lock (progress)
                        Terminal.Fail(error.Message);
                }

                progress.Report(new ProgressCount(Interlocked.Increment(ref done)));
            });
            return failures;
        });
    }
}
