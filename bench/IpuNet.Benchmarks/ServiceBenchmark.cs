using Azure.Storage.Blobs.Models;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;
using IpuNet.LocalCloud;
using IpuNet.Service.Galleries;
using IpuNet.Service.Intake;
using IpuNet.Service.Storage;

namespace IpuNet.Benchmarks;

/// <summary>Measures the service from end to end: small crops are uploaded, taken in, queued, recognised, and their results written.</summary>
internal static class ServiceBenchmark
{
    private const string Batch = "bench", WarmUpBatch = "warm-up";

    // A worker runs for days. Without these, its first seconds, in which the runtime compiles it, would be a good part of what is measured.
    // Where fewer images are measured, as many warm it up.
    private const int MostWarmUpImages = 600;

    private const int Subjects = 100, UploadsAtOnce = 8;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    /// <returns>
    /// The time from the first upload until the last result and the batch's report are there and the queue is empty; images before that, for
    /// which no time is taken, have warmed it up.
    /// </returns>
    public static async Task<ProcessorTime> RunAsync(
        LocalCloudHost cloud, PipelineModels models, int images, MemorySamples memory, IProgress<ProgressCount> progress, CancellationToken cancellation)
    {
        await EnrolAsync(cloud.Account, models, cancellation);
        byte[][] files = [.. Enumerable.Range(0, images).Select(BenchImages.ProbeFile)];
        await SendAsync(cloud, WarmUpBatch, [.. files.Take(MostWarmUpImages)], _ => { }, cancellation);
        memory.Take(0);
        Func<ProcessorTime> passed = ProcessorTime.Start(cloud.AzuriteProcessId);
        await SendAsync(
            cloud,
            Batch,
            files,
            done =>
            {
                memory.Take(done);
                progress.Report(new ProgressCount(done));
            },
            cancellation);
        return passed();
    }

    private static async Task SendAsync(LocalCloudHost cloud, string batch, byte[][] files, Action<long> look, CancellationToken cancellation)
    {
        using var counts = new CloudCounts();
        Task uploading = UploadAsync(cloud.Account, batch, files, cancellation);
        while (!uploading.IsCompletedSuccessfully || counts.Images < files.Length || await cloud.Account.CountMessagesAsync(StorageNames.FaceBatches, cancellation) > 0)
        {
            if (uploading.IsFaulted)
                await uploading;
            await Task.Delay(Look, cancellation);
            look(counts.Images);
        }
    }

    /// <summary>Enrols made-up subjects, so that there is somebody to be compared with.</summary>
    public static async Task EnrolAsync(StorageAccount account, PipelineModels models, CancellationToken cancellation)
    {
        var gallery = new BlobGallery(account, UploadWishes.DefaultGallery, TimeProvider.System);
        foreach (SubjectRecord subject in SearchBenchmark.Subjects(Subjects, models.Embedder!.Dimensions, models.Source))
            await gallery.AddAsync(subject.SubjectId, subject.Embeddings, DateTimeOffset.UnixEpoch, cancellation);
    }

    private static Task UploadAsync(StorageAccount account, string batch, byte[][] files, CancellationToken cancellation)
    {
        var options = new BlobUploadOptions { Metadata = new UploadWishes(UploadWishes.DefaultGallery, FaceFinding.Crop).ToMetadata() };
        var uploads = account.Container(StorageNames.Uploads);
        return Parallel.ForAsync(0, files.Length, new ParallelOptions { MaxDegreeOfParallelism = UploadsAtOnce, CancellationToken = cancellation }, async (i, stop) =>
            await uploads.GetBlobClient($"{batch}/{i:00000}.png").UploadAsync(BinaryData.FromBytes(files[i]), options, stop));
    }
}
