using IpuNet.Contract;
using IpuNet.Service.Queues;
using IpuNet.Service.Reports;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Recognition;

/// <summary>
/// Handles one message. Its images get their results first, then its batch a report; only then the message leaves the queue.
/// </summary>
internal sealed class FaceBatchHandler(
    RecognitionLine line, ImageMatcher matcher, TrialCounter trials, BatchReporter reporter, BatchesInProgress inProgress, ILogger logger)
    : IDisposable
{
    // Messages enter the line one after the other, so the first is done first.
    private readonly SemaphoreSlim _turn = new(1);

    public void Dispose() => _turn.Dispose();

    /// <summary>Handles a message and ends it in the queue. Throws nothing.</summary>
    /// <param name="message">The message.</param>
    /// <param name="stop">Cancels the handling; the message returns to the queue.</param>
    public async Task HandleAsync(LeasedMessage message, CancellationToken stop)
    {
        System.Diagnostics.Activity.Current = message.Trace;
        Exception? failure = await FailureOfAsync(message, stop).ConfigureAwait(false);
        await MessageSettlement.SettleAsync(message, failure, logger, stop).ConfigureAwait(false);
    }

    private async Task<Exception?> FailureOfAsync(LeasedMessage message, CancellationToken stop)
    {
        try
        {
            FaceBatchMessage batch = message.Read<FaceBatchMessage>();
            inProgress.Enter(batch.BatchId);
            Exception? failure = null;
            try
            {
                if (batch.Images.Count > 0)
                    await RecogniseAsync(message, batch, stop).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                failure = error;
            }

            if (inProgress.Leave(batch.BatchId))
                await reporter.RenewAsync(batch.BatchId, stop).ConfigureAwait(false);
            if (failure is null)
                logger.Done(message.Id, batch.BatchId, batch.Images.Count);
            return failure;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private async Task RecogniseAsync(LeasedMessage message, FaceBatchMessage batch, CancellationToken stop)
    {
        await matcher.RequireAsync(batch.Gallery, stop).ConfigureAwait(false);
        List<string> faults = [];
        List<ImageJob> jobs = [];
        for (int i = 0; i < batch.Images.Count; i++)
        {
            if (UploadOf(batch, batch.Images[i], out string? fault) is { } upload)
                jobs.Add(
                    new ImageJob(upload, batch, batch.IsNew && message.DequeueCount == 1, message.Trace?.Context ?? default, message.Lost));
            else
                faults.Add($"Image {i + 1} of {batch.Images.Count}: {fault}.");
        }

        if (message.DequeueCount > MessageSettlement.TrustedDeliveries)
            await OneByOneAsync(message, jobs, stop).ConfigureAwait(false);
        else
            await TogetherAsync(jobs, stop).ConfigureAwait(false);
        // The valid images are done, even if others are refused.
        if (faults.Count > 0)
            throw new JobRefusedException("name", string.Join(' ', faults));
    }

    private static UploadName? UploadOf(FaceBatchMessage batch, string? image, out string? fault)
    {
        string folder = $"{StorageNames.Uploads}/";
        if (image?.StartsWith($"{folder}{batch.BatchId}/", StringComparison.Ordinal) != true)
        {
            fault = $"'{UploadName.Shown(image ?? "")}' does not belong to this batch; use {folder}{batch.BatchId}/FILE";
            return null;
        }

        return UploadName.Parse(image[folder.Length..], out fault);
    }

    private async Task TogetherAsync(List<ImageJob> jobs, CancellationToken stop)
    {
        await _turn.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            foreach (ImageJob job in jobs)
                await line.AddAsync(job, stop).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }

        await Task.WhenAll(jobs.Select(job => job.Done)).WaitAsync(stop).ConfigureAwait(false);
    }

    private async Task OneByOneAsync(LeasedMessage message, List<ImageJob> jobs, CancellationToken stop)
    {
        logger.Suspected(message.Id, message.DequeueCount);
        foreach (ImageJob job in jobs)
        {
            if (job.IsLost)
                throw new OperationCanceledException("Another worker has the message.");
            bool isHopeless = await trials.BeginAsync(
                job.Upload.Batch, job.Upload.File, stop).ConfigureAwait(false) > TrialCounter.MaxTrials;
            await line.RunAloneAsync(
                job, isHopeless ? "the worker died at each attempt to process the image; replace it and upload it again" : null,
                stop).ConfigureAwait(false);
            await trials.EndAsync(job.Upload.Batch, job.Upload.File, stop).ConfigureAwait(false);
        }
    }
}
