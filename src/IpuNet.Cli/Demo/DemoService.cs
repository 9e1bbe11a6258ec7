using IpuNet.Cli.Cloud;
using IpuNet.Cli.Galleries;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
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
    /// <returns>The enrolled people, each with the accepted faces.</returns>
    public Task<IReadOnlyList<DemoPerson>> EnrolAsync(IReadOnlyList<DemoPerson> people, CancellationToken cancellation) =>
        ProgressDisplay.RunAsync<IReadOnlyList<DemoPerson>>(terminal, "people", people.Count, async progress =>
        {
            int done = 0;
            DemoPerson[] enrolled = await Task.WhenAll(people.Select(async person =>
            {
                DemoPerson accepted = await EnrolAsync(person, cancellation);
                progress.Report(new ProgressCount(Interlocked.Increment(ref done)));
                return accepted;
            }));
            return [.. enrolled.Where(person => person.Faces.Count > 0)];
        });

    /// <summary>Has probes recognised.</summary>
    /// <returns>The answer for each probe.</returns>
    public async Task<IReadOnlyList<DemoAnswer>> RecogniseAsync(IReadOnlyList<DemoProbe> probes, CancellationToken cancellation)
    {
        ImageSource[] files = [.. probes.Select(probe => ImageSource.FromBytes(probe.FileName, probe.File))];
        await UploadRun.ToBatchAsync(terminal, account, Batch, new UploadRequest(Gallery, FaceDetectionMode.Crop), files, cancellation);
        if (await BatchProgress.WaitAsync(account, Batch, terminal, cancellation) is { Poisoned: > 0 and var poisoned })
        {
            PoisonEntry entry = await new PoisonLog(account).ListAsync(cancellation).FirstAsync(cancellation);
            throw new FaceDataException($"{poisoned} of {probes.Count} probes could not be handled: {entry.Reason}");
        }

        var answers = new DemoAnswer[probes.Count];
        await Parallel.ForAsync(
            0, probes.Count, new ParallelOptions { MaxDegreeOfParallelism = DownloadsAtOnce, CancellationToken = cancellation },
            async (i, stop) => answers[i] = await AnswerAsync(probes[i], stop));
        return answers;
    }

    /// <summary>Waits until the service's report has all probes, and returns it.</summary>
    public async Task<byte[]> ReportAsync(int probes, CancellationToken cancellation)
    {
        // The service writes the summary after the report.
        while (BatchSummary.FromJson(await ReadAsync(StorageNames.Summary(Batch), cancellation)).Results.Count < probes)
            await Task.Delay(Pause, cancellation);
        return await ReadAsync(StorageNames.Report(Batch), cancellation);
    }

    private async Task<DemoPerson> EnrolAsync(DemoPerson person, CancellationToken cancellation)
    {
        ImageSource[] pictures =
            [.. person.Faces.Select(face => ImageSource.FromBytes("face.png", ImageEncoder.EncodePng(face.Face.Aligned)))];
        string job = await EnrolmentJobs.SendAsync(account, Gallery, person.Id, EnrolmentAction.Add, pictures, cancellation);
        EnrolmentAnswer answer = await EnrolmentJobs.AnswerAsync(account, job, cancellation);
        return person with { Faces = [.. person.Faces.Zip(answer.Images).Where(face => face.Second.Accepted).Select(face => face.First)] };
    }

    private async Task<DemoAnswer> AnswerAsync(DemoProbe probe, CancellationToken cancellation)
    {
        string name = StorageNames.Result(Batch, probe.FileName);
        ImageAnswer answer = ImageAnswer.FromJson(await ReadAsync(name, cancellation), name);
        if (answer.Faces is not [FaceAnswer face])
            throw new FaceDataException($"{name}: {answer.Reason}");
        // The service writes a picture only of an enhanced face.
        RgbImage picture = face.Image is { } image
            ? ImageDecoder.Decode(await ReadAsync(image[(StorageNames.Results.Length + 1)..], cancellation), image)
            : FaceAligner.FromCrop(probe.Picture);
        return new DemoAnswer(picture, face);
    }

    private async Task<byte[]> ReadAsync(string result, CancellationToken cancellation) =>
        (await account.Container(StorageNames.Results).GetBlobClient(result).DownloadContentAsync(cancellation)).Value.Content.ToArray();
}
