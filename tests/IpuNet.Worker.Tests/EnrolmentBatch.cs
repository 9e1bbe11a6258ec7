using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Service.Storage;

namespace IpuNet.Worker.Tests;

/// <summary>Enrolments of some subjects, each by several jobs of one picture, and what the gallery must hold in the end.</summary>
internal sealed class EnrolmentBatch(StorageAccount account)
{
    public const int Jobs = Subjects * PicturesEach;
    private const int Subjects = 30, PicturesEach = 4, Side = 96;
    private const string Gallery = "default";

    private const string Folder = StorageNames.Enrolments + "/";

    public async Task QueueAsync(CancellationToken cancellation)
    {
        for (int job = 0; job < Jobs; job++)
        {
            string blob = $"{Folder}job-{job}/1.png";
            await account.Container(StorageNames.Uploads).GetBlobClient(blob).UploadAsync(new BinaryData(Picture(job)), cancellation);
            var message = new EnrolmentMessage
            {
                JobId = $"job-{job}",
                Gallery = Gallery,
                SubjectId = SubjectOf(job),
                Action = EnrolmentAction.Add,
                Images = [$"{StorageNames.Uploads}/{blob}"],
            };
            await account.Queue(
                StorageNames.Enrolments).SendMessageAsync(Convert.ToBase64String(JobSerializer.Write(message)), cancellation);
        }
    }

    /// <summary>How many jobs are not done, which costs less to ask than <see cref="CountAnswersAsync"/>.</summary>
    public Task<int> CountMessagesAsync(CancellationToken cancellation) =>
        account.CountMessagesAsync(StorageNames.Enrolments, cancellation);

    /// <summary>How many jobs have their answer.</summary>
    public async Task<int> CountAnswersAsync(CancellationToken cancellation) => await account.Container(StorageNames.Results)
        .GetBlobsAsync(new GetBlobsOptions { Prefix = Folder }, cancellation).CountAsync(
            blob => blob.Name.EndsWith(".json", StringComparison.Ordinal), cancellation);

    /// <summary>Waits until each job has its answer and no message is left.</summary>
    public async Task WaitAsync(TimeSpan limit, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(limit);
        while (await CountMessagesAsync(patience.Token) > 0 || await CountAnswersAsync(patience.Token) < Jobs)
            await Task.Delay(TimeSpan.FromMilliseconds(200), patience.Token);
    }

    /// <summary>Makes sure that each picture was enrolled once, and that nothing is left over.</summary>
    public async Task VerifyAsync(CancellationToken cancellation)
    {
        (await CountMessagesAsync(cancellation)).ShouldBe(0);
        (await account.CountMessagesAsync(StorageNames.Enrolments + StorageNames.PoisonSuffix, cancellation)).ShouldBe(0);
        foreach (var jobs in Enumerable.Range(0, Jobs).GroupBy(SubjectOf))
        {
            string name = StorageNames.Subject(Gallery, jobs.Key);
            BlobDownloadResult blob = await account.Container(
                StorageNames.Galleries).GetBlobClient(name).DownloadContentAsync(cancellation);
            SubjectRecord.FromJson(blob.Content.ToMemory().Span, name).Embeddings.Select(embedding => embedding.Provenance.Image).Order()
                .ShouldBe(jobs.Select(job => $"{StorageNames.Uploads}/{Folder}job-{job}/1.png").Order());
        }

        List<string> answers = [];
        await foreach (BlobItem blob in account.Container(StorageNames.Results).GetBlobsAsync(new GetBlobsOptions(), cancellation))
            answers.Add(blob.Name);
        answers.Order().ShouldBe(Enumerable.Range(0, Jobs).Select(job => StorageNames.EnrolmentAnswer($"job-{job}")).Order());
    }

    // The jobs of a subject are not neighbours: two that are worked on at a time are of one subject only now and then.
    private static string SubjectOf(int job) => $"subject-{job % Subjects}";

    private static byte[] Picture(int seed)
    {
        var coarse = new RgbImage(16, 16);
        new Random(seed).NextBytes(coarse.Pixels);
        return ImageEncoder.EncodePng(Resampler.Resize(coarse, Side, Side, ResampleFilter.Bicubic));
    }
}
