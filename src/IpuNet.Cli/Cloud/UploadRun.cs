using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Cli.Terminals;
using IpuNet.Faces;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Intake;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Cloud;

/// <summary>Uploads files to a batch, shows how far it is, and reports those that cannot be uploaded.</summary>
internal static class UploadRun
{
    private const int UploadsAtOnce = 8;

    /// <returns>How many could not be uploaded.</returns>
    public static Task<int> RunAsync(
        Terminal terminal, StorageAccount account, string batch, UploadWishes wishes, IReadOnlyList<ImageSource> sources, CancellationToken cancellation)
    {
        BlobContainerClient uploads = account.Container(StorageNames.Uploads);
        return ProgressDisplay.RunAsync(terminal, "uploads", sources.Count, async progress =>
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
                        terminal.Fail(error.Message);
                }

                progress.Report(new ProgressCount(Interlocked.Increment(ref done)));
            });
            return failures;
        });
    }
}
