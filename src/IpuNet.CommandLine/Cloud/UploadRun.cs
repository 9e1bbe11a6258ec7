using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Intake;
using IpuNet.Service.Storage;

namespace IpuNet.CommandLine.Cloud;

/// <summary>Uploads files, shows how far it is, and reports those that cannot be uploaded.</summary>
public static class UploadRun
{
    private const int UploadsAtOnce = 8;

    /// <summary>Uploads images to a batch.</summary>
    /// <returns>How many could not be uploaded.</returns>
    public static Task<int> ToBatchAsync(
        Terminal terminal, StorageAccount account, string batch, UploadWishes wishes, IReadOnlyList<ImageSource> sources, CancellationToken cancellation) =>
        RunAsync(
            terminal, account.Container(StorageNames.Uploads),
            source => UploadName.Parse($"{batch}/{source.Name}", out string? fault)?.Blob ?? throw new FaceDataException($"{source.Name}: {fault}."), wishes.ToMetadata(), sources, cancellation);

    /// <summary>Uploads images to learn from: {identity}/{file}.</summary>
    /// <param name="terminal">Shows how far it is.</param>
    /// <param name="account">The account.</param>
    /// <param name="isFixed">Whether they are never learned from, and each new model is judged by them.</param>
    /// <param name="sources">The images, each named by its identity's folder.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>How many could not be uploaded.</returns>
    public static Task<int> ToTrainingAsync(Terminal terminal, StorageAccount account, bool isFixed, IReadOnlyList<ImageSource> sources, CancellationToken cancellation)
    {
        return RunAsync(terminal, account.Container(StorageNames.Training), BlobOf, metadata: null, sources, cancellation);

        string BlobOf(ImageSource source)
        {
            if (source.Name.Split('/') is not [_, _])
                throw new FaceDataException($"{source.Name}: is not IDENTITY/FILE. Give a folder that has one folder for each person.");
            return UploadName.FaultOf(source.Name) is { } fault ? throw new FaceDataException($"{source.Name}: its name {fault}.") : isFixed ? $"{StorageNames.FixedEvaluation}/{source.Name}" : source.Name;
        }
    }

    private static Task<int> RunAsync(
        Terminal terminal, BlobContainerClient container, Func<ImageSource, string> nameOf, IDictionary<string, string>? metadata, IReadOnlyList<ImageSource> sources,
        CancellationToken cancellation)
    {
        return ProgressDisplay.RunAsync(terminal, "uploads", sources.Count, async progress =>
        {
            int done = 0, failures = 0;
            await Parallel.ForEachAsync(sources, new ParallelOptions { MaxDegreeOfParallelism = UploadsAtOnce, CancellationToken = cancellation }, async (source, stop) =>
            {
                try
                {
                    string name = nameOf(source);
                    byte[] data = await source.Read(stop);
                    // What is no image is not sent anywhere.
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
    }
}
