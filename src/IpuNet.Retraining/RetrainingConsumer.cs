using System.Globalization;
using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Retraining.Preparation;
using IpuNet.Service.Queues;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;
using IpuNet.Training.Runs;

namespace IpuNet.Retraining;

/// <summary>
/// <c>ipunet train --storage</c>: works on the retraining jobs of the queue, with one training at a time in the whole account. After a
/// kill, the next start resumes from the last checkpoint, on this machine or another.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="store">The models on this machine.</param>
/// <param name="settings">The settings.</param>
/// <param name="reports">Gets reports for the user.</param>
/// <param name="time">The clock of the lease and of retries.</param>
public sealed class RetrainingConsumer(
    StorageAccount account, ModelStore store, RetrainingSettings settings, IProgress<WorkReport> reports, TimeProvider time)
{
    // A job that fails this often goes to poison. A kill is not a failure.
    private const int MaxDeliveries = 5;

    // If storage does not answer for longer, the program ends with an error.
    private static readonly TimeSpan AwayPatience = TimeSpan.FromMinutes(5), AwayPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReturnPatience = TimeSpan.FromSeconds(10);

    private readonly RetrainingAnswers _answers = new(account, TimeProvider.System);

    /// <summary>Works until the queue is empty.</summary>
    /// <param name="experiment">An experiment to enqueue a job for first; null for none.</param>
    /// <param name="cancellation">Stops the work; the job goes back into the queue.</param>
    /// <returns><see cref="RetrainingEnd.Stopped"/> if cancelled.</returns>
    public async Task<RetrainingEnd> RunAsync(string? experiment, CancellationToken cancellation)
    {
        JobQueue queue = Jobs.Queue(account, StorageNames.Retraining);
        if (experiment is not null)
        {
            string job = string.Create(CultureInfo.InvariantCulture, $"{experiment}-{DateTime.UtcNow:yyyyMMdd-HHmmss}");
            await queue.SendAsync(new RetrainingMessage { JobId = job, Experiment = experiment }, cancellation);
        }

        while (true)
        {
            await using TrainingLease lease = await TrainingLease.AcquireAsync(
                account, time, () => reports.Note("Another training runs in this account. Waiting for its end ..."), cancellation);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lease.Lost);
            try
            {
                return await WorkAsync(queue, lease, stop.Token);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                reports.Note(
                    "Stopped. The checkpoint is in storage, the job in the queue. `ipunet train --storage` resumes it on any machine.");
                return RetrainingEnd.Stopped;
            }
            catch (OperationCanceledException) when (lease.Lost.IsCancellationRequested)
            {
                reports.Warn("Another process has taken over the account's training lease, and resumes the job.");
            }
        }
    }

    // Works until the queue is empty. Retries while storage does not answer.
    private async Task<RetrainingEnd> WorkAsync(JobQueue queue, TrainingLease lease, CancellationToken stop)
    {
        RetrainingEnd end = RetrainingEnd.Done;
        int jobs = 0;
        long? awaySince = null;
        while (true)
        {
            try
            {
                // The count includes messages of a killed trainer, which become visible again later.
                if (await account.CountMessagesAsync(StorageNames.Retraining, stop) == 0)
                    break;
                awaySince = null;
                await foreach (LeasedMessage message in queue.ReadAllAsync(maxHeld: 1, stop))
                {
                    jobs++;
                    if (await HandleAsync(message, lease, stop) == false)
                        end = RetrainingEnd.SomeFailed;
                    break;
                }

                stop.ThrowIfCancellationRequested();
            }
            catch (Exception error) when (StorageCheck.IsUnavailable(error) && !stop.IsCancellationRequested)
            {
                awaySince ??= time.GetTimestamp();
                if (time.GetElapsedTime(awaySince.Value) > AwayPatience)
                    throw;
                reports.Warn($"{StorageCheck.Describe(error, account)} Retrying ...");
                await Task.Delay(AwayPause, time, stop);
            }
        }

        if (jobs == 0)
            reports.Say("The queue has no retraining job. `ipunet enqueue retraining` sends one.");
        return end;
    }

    // Whether the job succeeded; null if it is not finished, because another reader has its message.
    private async Task<bool?> HandleAsync(LeasedMessage message, TrainingLease lease, CancellationToken stop)
    {
        using var work = CancellationTokenSource.CreateLinkedTokenSource(stop, message.Lost);
        try
        {
            RetrainingJob job = RetrainingJob.Read(message);
            var handler = new RetrainingHandler(account, store, settings, reports, job, lease);
            RetrainingAnswer? answer = await _answers.FindAsync(job.Id, work.Token);
            if (answer is null || !RetrainingAnswers.IsOf(answer, job.SentAt))
            {
                answer = await handler.RunAsync(work.Token);
                await lease.RequireAsync(work.Token);
                answer = await _answers.WriteAsync(answer, work.Token);
                RetrainingMetrics.Done(answer);
            }

            await lease.RequireAsync(work.Token);
            await handler.EndAsync(work.Token);
            await message.CompleteAsync(work.Token);
            reports.Say($"{job.Id}: {answer.Status.ToString().ToLowerInvariant()}. {answer.Reason}");
            return answer.Status is RetrainingStatus.Promoted or RetrainingStatus.Kept;
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            await TryReturnAsync(message);
            throw new OperationCanceledException(stop);
        }
        catch (OperationCanceledException) when (message.Lost.IsCancellationRequested)
        {
            reports.Warn(
                "Another reader may have taken the job's message. When the message comes back, the training resumes.");
            return null;
        }
        catch (JobRefusedException refusal)
        {
            return await GiveUpAsync(message, refusal, RetrainingStatus.Refused, work.Token);
        }
        catch (Exception error) when (message.DequeueCount >= MaxDeliveries && !StorageCheck.IsUnavailable(error))
        {
            reports.Fail(error.Message);
            return await GiveUpAsync(
                message,
                new JobRefusedException(
                    "error", $"It failed {message.DequeueCount} times, at last with {error.GetType().Name}: {error.Message}", error),
                RetrainingStatus.Failed, work.Token);
        }
        catch
        {
            await TryReturnAsync(message);
            throw;
        }
    }

    private static async Task TryReturnAsync(LeasedMessage message)
    {
        using var patience = new CancellationTokenSource(ReturnPatience);
        try
        {
            await message.ReturnAsync(TimeSpan.Zero, patience.Token);
        }
        catch (Exception)
        {
            // Storage does not answer. The message comes back by itself.
        }
    }

    private async Task<bool> GiveUpAsync(
        LeasedMessage message, JobRefusedException reason, RetrainingStatus status, CancellationToken cancellation)
    {
        await _answers.TryGiveUpAsync(message.Body, message.InsertedOn, status, reason.Message, cancellation);
        await message.PoisonAsync(reason.Category, reason.Message, cancellation);
        reports.Fail(reason.Message);
        return false;
    }
}

/// <summary>The ways in which the work on retraining jobs can end.</summary>
public enum RetrainingEnd
{
    /// <summary>The queue is empty, and each job ended with a candidate that was promoted or failed the gate.</summary>
    Done,

    /// <summary>The queue is empty, and at least one job was refused or failed. The reports name it.</summary>
    SomeFailed,

    /// <summary>The work was stopped.</summary>
    Stopped,
}
