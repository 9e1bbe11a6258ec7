using System.CommandLine;
using Azure.Storage.Blobs.Models;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;
using IpuNet.Faces.Imaging;
using IpuNet.Service.Intake;
using IpuNet.Service.Messages;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Cloud;

/// <summary><c>ipunet enqueue batch</c>: has images recognised that are in the container already.</summary>
internal sealed class EnqueueBatchCommand : CliCommand
{
    private readonly Argument<string[]> _images = new("IMAGE")
    {
        Description = $"Images as {StorageNames.Uploads}/BATCH/FILE; all of the batch where none is named.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly BatchArguments _batch;
    private readonly StorageArguments _storage;

    public EnqueueBatchCommand(Terminal terminal)
        : base(terminal, "batch", "Asks the service to recognise images that are in the container already.")
    {
        Arguments.Add(_images);
        _batch = new BatchArguments(this);
        _storage = new StorageArguments(this, Terminal);
    }

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet enqueue batch --batch cam-7 --gallery staff", "Those images of the batch that have no result are recognised.")];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string batch = _batch.Batch(parsed), folder = $"{StorageNames.Uploads}/{batch}/";
        UploadWishes wishes = _batch.Wishes(parsed);
        string[] named = parsed.GetValue(_images) ?? [];
        if (Array.Find(named, image => !image.StartsWith(folder, StringComparison.Ordinal)) is { } other)
            throw new UsageException($"{other} is not of batch '{batch}': its images are {folder}FILE.");
        return _storage.UseAsync(parsed, async account =>
        {
            IReadOnlyList<string> images = named.Length > 0 ? named : await ImagesOfAsync(account, batch, cancellation);
            if (images.Count == 0)
                throw new FaceDataException($"The batch '{batch}' has no images at {account.Address}.");
            foreach (string[] some in images.Chunk(FaceBatchMessage.MaxImages))
            {
                await Jobs.Queue(account, StorageNames.FaceBatches).SendAsync(
                    new FaceBatchMessage { BatchId = batch, Gallery = wishes.Gallery, Faces = wishes.Faces, Images = some }, cancellation);
            }

            Terminal.WriteLine($"{images.Count} images are in the queue. `ipunet status {batch} --wait` waits for their results.");
            return ExitCode.Done;
        }, cancellation);
    }

    private static async Task<IReadOnlyList<string>> ImagesOfAsync(StorageAccount account, string batch, CancellationToken cancellation)
    {
        List<string> images = [];
        await foreach (BlobItem blob in account.Container(StorageNames.Uploads).GetBlobsAsync(BlobTraits.None, BlobStates.None, $"{batch}/", cancellation))
        {
            if (!ImageFiles.IsSideFile(blob.Name[(batch.Length + 1)..]) && !UploadName.IsArchive(blob.Name))
                images.Add($"{StorageNames.Uploads}/{blob.Name}");
        }

        return images;
    }
}
