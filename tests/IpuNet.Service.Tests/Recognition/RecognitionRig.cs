using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Galleries;
using IpuNet.Service.Models;
using IpuNet.Service.Queues;
using IpuNet.Service.Recognition;
using IpuNet.Service.Reports;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace IpuNet.Service.Tests.Recognition;

/// <summary>An account with a gallery, and workers that recognise its uploads.</summary>
internal sealed class RecognitionRig(StorageAccount account, PipelineModels models)
{
    public const string Gallery = "default";

    public StorageAccount Account => account;

    public RecognitionOptions Options { get; } = new();

    public PoisonLog Poison { get; } = new(account);

    public ServingModels Serving { get; init; } = ServingModels.Of(models);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A made-up face; each seed gives a different one.</summary>
    public static RgbImage Face(int side, int seed)
    {
        var noise = new RgbImage(6, 6);
        new Random(seed).NextBytes(noise.Pixels);
        return Resampler.Resize(noise, side, side, ResampleFilter.Bicubic);
    }

    public static byte[] Png(int side, int seed) => ImageEncoder.EncodePng(Face(side, seed));

    public async Task<string> UploadAsync(string batch, string file, byte[] data)
    {
        await Container(StorageNames.Uploads)
            .GetBlobClient($"{batch}/{file}").UploadAsync(BinaryData.FromBytes(data), overwrite: true, Cancellation);
        return $"{StorageNames.Uploads}/{batch}/{file}";
    }

    /// <summary>Enrols the large versions of the faces that <see cref="Face"/> draws.</summary>
    public async Task EnrolAsync(params IEnumerable<(string Subject, int Seed)> subjects)
    {
        await EnrolAsync(Gallery);
        foreach (var (subject, seed) in subjects)
            await PutAsync(subject, models.Source, models.Embedder!.Embed([FaceAligner.FromCrop(Face(128, seed))])[0]);
    }

    /// <summary>Creates an empty gallery.</summary>
    public Task EnrolAsync(string gallery) => Container(StorageNames.Galleries).GetBlobClient($"{gallery}/gallery.json")
        .UploadAsync(BinaryData.FromString("""{"schema":1}"""), overwrite: true, Cancellation);

    public async Task PutAsync(string subject, EmbeddingSource source, float[] vector)
    {
        var provenance = new EnrolmentProvenance("1.png", new string('0', 64), new(0, 0, 128, 128), new EnrolmentQuality(128, 100));
        var record = new SubjectRecord(
            subject, [new SubjectEmbedding(source, vector, provenance, DateTimeOffset.UnixEpoch)], DateTimeOffset.UnixEpoch);
        await Container(StorageNames.Galleries).GetBlobClient(StorageNames.Subject(
            Gallery, subject)).UploadAsync(BinaryData.FromBytes(record.ToJson()), overwrite: true, Cancellation);
    }

    public Task SendAsync(string batch, params IReadOnlyList<string> images) =>
        SendAsync(new FaceBatchMessage { BatchId = batch, Gallery = Gallery, Images = images, Faces = FaceDetectionMode.Crop });

    public Task SendAsync(FaceBatchMessage message) => Queue().SendAsync(message, Cancellation);

    public Task SendTextAsync(string text) => account.Queue(StorageNames.FaceBatches)
        .SendMessageAsync(WireMessage.Encode(System.Text.Encoding.UTF8.GetBytes(text)), Cancellation);

    /// <summary>
    /// Makes the message in the queue look as if it had been delivered often, and as if the worker had died at one of its images each time.
    /// </summary>
    public async Task BeSuspectedAsync(string batch, string file, int trials = TrialCounter.MaxTrials)
    {
        QueueClient queue = account.Queue(StorageNames.FaceBatches);
        for (int delivery = 0; delivery <= MessageSettlement.TrustedDeliveries; delivery++)
        {
            QueueMessage message = await queue.ReceiveMessageAsync(cancellationToken: Cancellation);
            await queue.UpdateMessageAsync(
                message.MessageId, message.PopReceipt, visibilityTimeout: TimeSpan.Zero, cancellationToken: Cancellation);
        }

        var markers = new TrialCounter(account);
        for (int i = 0; i < trials; i++)
            await markers.BeginAsync(batch, file, Cancellation);
    }

    /// <summary>Runs workers until the queue is empty, then stops them.</summary>
    public Task RunAsync(int workers = 1) => RunAsync([.. Enumerable.Range(0, workers).Select(_ => Consumer())]);

    /// <summary>Runs these workers until the queue is empty, then stops them.</summary>
    public Task RunAsync(params IReadOnlyList<RecognitionConsumer> consumers) =>
        ConsumerRun.UntilEmptyAsync(account, [StorageNames.FaceBatches], consumers);

    public RecognitionConsumer Consumer(RecognitionOptions? options = null) => new(
        Queue(), account, Serving, new GalleryCache(account, TimeProvider.System), new BatchReporter(account),
        Microsoft.Extensions.Options.Options.Create(options ?? Options), TimeProvider.System,
        NullLogger<RecognitionConsumer>.Instance);

    public async Task<ImageAnswer> ResultAsync(string batch, string file)
    {
        string name = StorageNames.Result(batch, file);
        BlobDownloadResult blob = await Container(StorageNames.Results).GetBlobClient(name).DownloadContentAsync(Cancellation);
        return ImageAnswer.FromJson(blob.Content, name);
    }

    /// <summary>All result blobs with their ETags.</summary>
    public async Task<Dictionary<string, ETag?>> ResultBlobsAsync() => await Container(StorageNames.Results)
        .GetBlobsAsync(new GetBlobsOptions(), Cancellation).ToDictionaryAsync(
            blob => blob.Name, blob => blob.Properties.ETag, cancellationToken: Cancellation);

    public async Task<BatchSummary> SummaryAsync(string batch)
    {
        BlobDownloadResult blob = await Container(StorageNames.Results)
            .GetBlobClient(StorageNames.Summary(batch)).DownloadContentAsync(Cancellation);
        return BatchSummary.FromJson(blob.Content);
    }

    public async Task<List<PoisonEntry>> PoisonedAsync() => await Poison.ListAsync(Cancellation).ToListAsync(Cancellation);

    private JobQueue Queue() => new(
        account, StorageNames.FaceBatches, Poison,
        Microsoft.Extensions.Options.Options.Create(new QueueOptions { LongestPoll = TimeSpan.FromMilliseconds(200) }),
        TimeProvider.System);

    private BlobContainerClient Container(string name) => account.Container(name);
}
