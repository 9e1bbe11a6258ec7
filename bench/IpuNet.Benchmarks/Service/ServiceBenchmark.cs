using Azure.Storage.Blobs.Models;
using IpuNet.Benchmarks.Search;
using IpuNet.Benchmarks.Stages;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;
using IpuNet.LocalCloud;
using IpuNet.Service.Galleries;
using IpuNet.Service.Storage;

namespace IpuNet.Benchmarks.Service;

/// <summary>Measures the service from end to end: upload, intake, queue, recognition and results of small crops.</summary>
internal static class ServiceBenchmark
{
    private const string Batch = "bench", WarmUpBatch = "warm-up";

    // The runtime compiles a worker in its first seconds, and a worker runs for days. So these images come before the measurement.
    private const int MostWarmUpImages = 600;

    private const int Subjects = 100, UploadsAtOnce = 8;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Sends images through the service, after a warm-up.</summary>
    /// <returns>The time from the first upload until all images have results and the queue is empty.</returns>
    public static async Task<ProcessorTime> RunAsync(
        LocalCloudHost cloud, PipelineModels models, int images, MemorySamples memory, IProgress<ProgressCount> progress,
        CancellationToken cancellation)
    {
        await EnrolAsync(cloud.Account, models, cancellation);
        byte[][] files = [.. Enumerable.Range(0, images).Select(BenchImages.ProbeFile)];
        await SendAsync(cloud, WarmUpBatch, [.. files.Take(MostWarmUpImages)], _ => { }, cancellation);
        memory.Take(0);
        Func<ProcessorTime> passed = ProcessorTime.Start(cloud.AzuriteProcessId);
        await SendAsync(cloud, Batch, files, Report, cancellation);
        return passed();

        void Report(long done)
        {
            memory.Take(done);
            progress.Report(new ProgressCount(done));
        }
    }

    private static async Task SendAsync(
        LocalCloudHost cloud, string batch, byte[][] files, Action<long> report, CancellationToken cancellation)
    {
        using var counts = new CloudCounts();
        Task uploading = UploadAsync(cloud.Account, batch, files, cancellation);
        while (!uploading.IsCompletedSuccessfully || counts.Images < files.Length
            || await cloud.Account.CountMessagesAsync(StorageNames.FaceBatches, cancellation) > 0)
        {
            if (uploading.IsFaulted)
                await uploading;
            await Task.Delay(PollInterval, cancellation);
            report(counts.Images);
        }
    }

    /// <summary>Enrols made-up subjects, so that the service has a gallery to search.</summary>
    public static async Task EnrolAsync(StorageAccount account, PipelineModels models, CancellationToken cancellation)
    {
        var gallery = new BlobGallery(account, UploadRequest.DefaultGallery, TimeProvider.System);
        foreach (SubjectRecord subject in SearchBenchmark.Subjects(Subjects, models.Embedder!.Dimensions, models.Source))
            await gallery.AddAsync(subject.SubjectId, subject.Embeddings, DateTimeOffset.UnixEpoch, cancellation);
    }

    private static Task UploadAsync(StorageAccount account, string batch, byte[][] files, CancellationToken cancellation)
    {
        var request = new UploadRequest(UploadRequest.DefaultGallery, FaceDetectionMode.Crop);
        var options = new BlobUploadOptions { Metadata = request.ToMetadata() };
        var uploads = account.Container(StorageNames.Uploads);
        return Parallel.ForAsync(
            0, files.Length, new ParallelOptions { MaxDegreeOfParallelism = UploadsAtOnce, CancellationToken = cancellation },
            async (i, stop) =>
                await uploads.GetBlobClient($"{batch}/{i:00000}.png").UploadAsync(BinaryData.FromBytes(files[i]), options, stop));
    }
}
