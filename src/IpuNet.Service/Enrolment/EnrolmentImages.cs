using System.Collections.Concurrent;
using System.Diagnostics;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Telemetry;
using IpuNet.Service.Galleries;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Enrolment;

/// <summary>Downloads the images of a job and judges them.</summary>
internal sealed class EnrolmentImages(StorageAccount account, EnrolmentOptions options)
{
    private const int NotFound = 404;

    /// <returns>The verdict on each image, in the job's order.</returns>
    public async Task<IReadOnlyList<JudgedImage>> JudgeAsync(EnrolmentJob job, PipelineModels models, CancellationToken cancellation)
    {
        var judge = new EnrolmentJudge(options.Gate with { TakesLargest = job.Message.Largest }, models.Source);
        List<JudgedImage> judged = [];
        ActivityContext trace = Activity.Current?.Context ?? default;
        var pictures = new ConcurrentBag<byte[]>();
        var sources = job.Images.Select(
            image => new ImageSource(image.Name, stop => NotedAsync(ReadAsync(image, trace, stop))) { Trace = trace });
        await foreach (var batch in new ImagePipeline(models, options.Pipeline).RunAsync(sources, cancellation).ConfigureAwait(false))
            judged.AddRange(batch.Select(image => judge.Judge(image, job.SentAt)));
        // The subject may be deleted soon, so the pictures must not stay in memory.
        foreach (byte[] picture in pictures)
            DeletedMemory.Overwrite(picture);
        return judged;

        async Task<byte[]> NotedAsync(Task<byte[]> reading)
        {
            byte[] picture = await reading.ConfigureAwait(false);
            pictures.Add(picture);
            return picture;
        }
    }

    private async Task<byte[]> ReadAsync(EnrolmentImage image, ActivityContext trace, CancellationToken cancellation)
    {
        using var stage = PipelineStage.Begin("download", [trace]);
        try
        {
            BlobClient blob = account.Container(image.Container).GetBlobClient(image.Blob);
            return await blob.ReadingAsync(
                async () =>
                {
                    using BlobDownloadStreamingResult download =
                        await blob.DownloadStreamingAsync(cancellationToken: cancellation).ConfigureAwait(false);
                    return await download.ReadAsync(options.MaxImageBytes, cancellation).ConfigureAwait(false);
                },
                cancellation).ConfigureAwait(false);
        }
        catch (RequestFailedException error) when (error.Status == NotFound)
        {
            throw new FaceDataException("the image does not exist: upload it again", error);
        }
    }
}
