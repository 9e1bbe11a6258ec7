using IpuNet.Cli.Cloud;
using IpuNet.Cli.Galleries;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Demo;

/// <summary>The demo's use of the service: by uploads and queues alone, like any user.</summary>
internal sealed class DemoService(StorageAccount account, Terminal terminal)
{
    public const string Gallery = UploadRequest.DefaultGallery;

    private const string Batch = "demo";
    private const int DownloadsAtOnce = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Has people enrolled.</summary>
    /// <returns>The people of whom every picture was accepted.</returns>
    public Task<IReadOnlyList<DemoPerson>> EnrolAsync(IReadOnlyList<DemoPerson> people, CancellationToken cancellation) =>
        ProgressDisplay.RunAsync<IReadOnlyList<DemoPerson>>(terminal, "people", people.Count, async progress =>
        {
            int done = 0;
            DemoPerson?[] enrolled = await Task.WhenAll(people.Select(async person =>
            {
                DemoPerson? accepted = await EnrolAsync(person, cancellation);
                progress.Report(new ProgressCount(Interlocked.Increment(ref done)));
                return accepted;
            }));
            return [.. enrolled.OfType<DemoPerson>()];
        });

    /// <summary>Has scenes recognised.</summary>
    /// <returns>The answer for each scene.</returns>
    public async Task<IReadOnlyList<ImageAnswer>> RecogniseAsync(IReadOnlyList<DemoScene> scenes, CancellationToken cancellation)
    {
        ImageSource[] files = [.. scenes.Select(scene => ImageSource.FromBytes(scene.FileName, scene.File))];
        await UploadRun.ToBatchAsync(terminal, account, Batch, new UploadRequest(Gallery, FaceDetectionMode.Detect), files, cancellation);
        if (await BatchProgress.WaitAsync(account, Batch, terminal, cancellation) is { Poisoned: > 0 and var poisoned })
        {
            PoisonEntry entry = await new PoisonLog(account).ListAsync(cancellation).FirstAsync(cancellation);
            throw new FaceDataException($"{poisoned} of {scenes.Count} pictures could not be handled: {entry.Reason}");
        }

        var answers = new ImageAnswer[scenes.Count];
        await Parallel.ForAsync(
            0, scenes.Count, new ParallelOptions { MaxDegreeOfParallelism = DownloadsAtOnce, CancellationToken = cancellation },
            async (i, stop) =>
            {
                string name = StorageNames.Result(Batch, scenes[i].FileName);
                answers[i] = ImageAnswer.FromJson(await ReadAsync(name, stop), name);
            });
        return answers;
    }

    /// <summary>The picture of a face that the service wrote; null if it wrote none, because it did not enhance the face.</summary>
    public async Task<RgbImage?> PictureAsync(FaceAnswer face, CancellationToken cancellation) => face.Image is { } image
        ? ImageDecoder.Decode(await ReadAsync(image[(StorageNames.Results.Length + 1)..], cancellation), image)
        : null;

    /// <summary>Waits until the service's report has all scenes, and returns it.</summary>
    public async Task<byte[]> ReportAsync(int scenes, CancellationToken cancellation)
    {
        // The service writes the summary after the report.
        while (BatchSummary.FromJson(await ReadAsync(StorageNames.Summary(Batch), cancellation)).Results.Count < scenes)
            await Task.Delay(Pause, cancellation);
        return await ReadAsync(StorageNames.Report(Batch), cancellation);
    }

    private async Task<DemoPerson?> EnrolAsync(DemoPerson person, CancellationToken cancellation)
    {
        ImageSource[] pictures =
            [.. person.Enrolled.Select(face => ImageSource.FromBytes("face.png", ImageEncoder.EncodePng(face.Around())))];
        // Neighbours may be in the picture, too.
        string job = await EnrolmentJobs.SendAsync(
            account, Gallery, person.Id, EnrolmentAction.Add, pictures, largest: true, cancellation);
        EnrolmentAnswer answer = await EnrolmentJobs.AnswerAsync(account, job, cancellation);
        return answer.Images.All(image => image.Accepted) ? person : null;
    }

    private async Task<byte[]> ReadAsync(string result, CancellationToken cancellation) =>
        (await account.Container(StorageNames.Results).GetBlobClient(result).DownloadContentAsync(cancellation)).Value.Content.ToArray();
}
