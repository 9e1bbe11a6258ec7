using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Storage;

namespace IpuNet.CommandLine.Cloud;

/// <summary>Uploads files, shows the progress, and reports the files that cannot be uploaded.</summary>
public static class UploadRun
{
    private const int UploadsAtOnce = 8;

    /// <summary>Uploads images to a batch.</summary>
    /// <returns>How many could not be uploaded.</returns>
    public static Task<int> ToBatchAsync(
        Terminal terminal, StorageAccount account, string batch, UploadRequest request, IReadOnlyList<ImageSource> sources,
        CancellationToken cancellation) =>
        RunAsync(
            terminal, account.Container(StorageNames.Uploads),
            source => UploadName.Parse($"{batch}/{source.Name}", out string? fault)?.Blob
                ?? throw new FaceDataException($"{source.Name}: {fault}."),
            request.ToMetadata(), sources, cancellation);

    /// <summary>Uploads training images, each as {identity}/{file}.</summary>
    /// <param name="terminal">Shows the progress.</param>
    /// <param name="account">The account.</param>
    /// <param name="isFixed">Whether the images are for the gate alone: every candidate is judged on them, none is trained on them.</param>
    /// <param name="sources">The images, named {identity}/{file}.</param>
    /// <param name="cancellation">Stops the uploads.</param>
    /// <returns>How many could not be uploaded.</returns>
    public static Task<int> ToTrainingAsync(
        Terminal terminal, StorageAccount account, bool isFixed, IReadOnlyList<ImageSource> sources, CancellationToken cancellation)
    {
        return RunAsync(terminal, account.Container(StorageNames.Training), BlobOf, metadata: null, sources, cancellation);

        string BlobOf(ImageSource source)
        {
            if (source.Name.Split('/') is not [_, _])
                throw new FaceDataException($"{source.Name}: not in a person's folder. Name a folder that has one folder for each person.");
            if (UploadName.FaultOf(source.Name) is { } fault)
                throw new FaceDataException($"{source.Name}: its name {fault}.");
            return isFixed ? $"{StorageNames.FixedEvaluation}/{source.Name}" : source.Name;
        }
    }

    private static async Task<int> RunAsync(
        Terminal terminal, BlobContainerClient container, Func<ImageSource, string> nameOf, IDictionary<string, string>? metadata,
        IReadOnlyList<ImageSource> sources, CancellationToken cancellation)
    {
        int failed = await ProgressDisplay.RunAsync(terminal, "uploads", sources.Count, async progress =>
        {
            int done = 0, failures = 0;
            await Parallel.ForEachAsync(
                sources, new ParallelOptions { MaxDegreeOfParallelism = UploadsAtOnce, CancellationToken = cancellation },
                async (source, stop) =>
            {
                try
                {
                    string name = nameOf(source);
                    byte[] data = await source.Read(stop);
                    // Only images leave this machine.
                    if (!UploadName.IsArchive(name) && data.Length > 0 && ImageDecoder.FormatFaultOf(data) is { } fault)
                        throw new FaceDataException($"{source.Name}: {fault}");
                    await container.GetBlobClient(name).UploadAsync(
                        new BinaryData(data), new BlobUploadOptions { Metadata = metadata }, stop);
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
        terminal.SumUp(failed, sources.Count, "file", "could not be uploaded");
        return failed;
    }
}
