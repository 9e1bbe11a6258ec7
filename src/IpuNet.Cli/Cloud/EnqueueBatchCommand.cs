using System.CommandLine;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Reports;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Cloud;

/// <summary><c>ipunet enqueue batch</c>: has uploaded images recognised.</summary>
internal sealed class EnqueueBatchCommand : CliCommand
{
    private readonly Argument<string[]> _images = new("IMAGE")
    {
        Description = $"Images as {StorageNames.Uploads}/BATCH/FILE. Default: all images of the batch.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly BatchArguments _batch;
    private readonly StorageArguments _storage;

    public EnqueueBatchCommand(Terminal terminal)
        : base(terminal, "batch", "Enqueues uploaded images of a batch. The service then recognises the faces in them.")
    {
        Arguments.Add(_images);
        _batch = new BatchArguments(this);
        _storage = new StorageArguments(this, Terminal);
    }

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet enqueue batch --batch cam-7 --gallery staff", "Recognises the images of the batch that have no result.")];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string batch = _batch.Batch(parsed), folder = $"{StorageNames.Uploads}/{batch}/";
        UploadRequest request = _batch.Request(parsed);
        string[] named = parsed.GetValue(_images) ?? [];
        if (Array.Find(named, image => !image.StartsWith(folder, StringComparison.Ordinal)) is { } other)
            throw new UsageException($"{other} is not an image of batch '{batch}'. Write {folder}FILE.");
        return _storage.UseAsync(parsed, async account =>
        {
            IReadOnlyList<string> images = named.Length > 0 ? named : await ImagesOfAsync(account, batch, cancellation);
            if (images.Count == 0)
                throw new FaceDataException($"The batch '{batch}' has no images at {account.Address}. `ipunet upload` uploads some.");
            foreach (string[] some in images.Chunk(FaceBatchMessage.MaxImages))
            {
                await Jobs.Queue(account, StorageNames.FaceBatches).SendAsync(
                    new FaceBatchMessage { BatchId = batch, Gallery = request.Gallery, Faces = request.Faces, Images = some },
                    cancellation);
            }

            Terminal.WriteLine(
                $"{Counted.Of(images.Count, "image is", "images are")} in the queue. `ipunet status {batch} --wait` waits for "
                + "their results.");
            return ExitCode.Done;
        }, cancellation);
    }

    private static async Task<IReadOnlyList<string>> ImagesOfAsync(StorageAccount account, string batch, CancellationToken cancellation)
    {
        List<string> images = [];
        BlobContainerClient uploads = account.Container(StorageNames.Uploads);
        await foreach (BlobItem blob in uploads.GetBlobsAsync(BlobTraits.None, BlobStates.None, $"{batch}/", cancellation))
        {
            if (!ImageFiles.IsSideFile(blob.Name[(batch.Length + 1)..]) && !UploadName.IsArchive(blob.Name))
                images.Add($"{StorageNames.Uploads}/{blob.Name}");
        }

        return images;
    }
}
