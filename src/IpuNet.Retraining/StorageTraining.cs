using System.Globalization;
using IpuNet.Faces.Models;
using IpuNet.Retraining.Preparation;
using IpuNet.Service.Messages;
using IpuNet.Service.Queues;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;
using IpuNet.Training.Runs;

namespace IpuNet.Retraining;

/// <summary>
/// <c>ipunet train --storage</c>: works on the jobs of the queue, one training at a time in the whole account. Killed at any moment and
/// started again, here or elsewhere, it goes on from the last checkpoint.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="store">The models that are here.</param>
/// <param name="settings">How jobs are worked on.</param>
/// <param name="reports">Is told.</param>
/// <param name="time">The time by which the lease is renewed, and by which patience with storage ends.</param>
public sealed class StorageTraining(
    StorageAccount account, ModelStore store, RetrainingSettings settings, IProgress<WorkReport> reports, TimeProvider time)
{
    // What fails so often has had its chances; being killed is no failure.
    private const int MaxDeliveries = 5;

    // With storage away for longer, somebody is to look.
    private static readonly TimeSpan AwayPatience = TimeSpan.FromMinutes(5), AwayPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReturnPatience = TimeSpan.FromSeconds(10);

    private readonly RetrainingAnswers _answers = new(account, TimeProvider.System);

    /// <summary>Works until the queue is empty.</summary>
    /// <param name="experiment">An experiment to send a job for first; null for those that are in the queue.</param>
    /// <param name="cancellation">Stops; the job goes back into the queue.</param>
    /// <returns><see cref="RetrainingEnd.Stopped"/> only where this was cancelled.</returns>
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
                account, time, () => reports.Note("Another training runs in this account; waiting for its end ..."), cancellation);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lease.Lost);
            try
            {
                return await WorkAsync(queue, lease, stop.Token);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                reports.Note(
                    "Stopped. The checkpoint is in storage, and the job in the queue: `ipunet train --storage` goes on, here or elsewhere.");
                return RetrainingEnd.Stopped;
            }
            catch (OperationCanceledException) when (lease.Lost.IsCancellationRequested)
            {
                reports.Warn("The lease on the account's training is another process's by now, which goes on with the job.");
            }
        }
    }

    // Works until the queue is empty. Storage being away for a while does not end it.
    private async Task<RetrainingEnd> WorkAsync(JobQueue queue, TrainingLease lease, CancellationToken stop)
    {
        RetrainingEnd end = RetrainingEnd.Done;
        int jobs = 0;
        long? awaySince = null;
        while (true)
        {
            try
            {
                // Messages of a trainer that was killed come back within the visibility timeout, and are counted before.
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
                reports.Warn($"{StorageCheck.Describe(error, account)} The training goes on when storage answers.");
                await Task.Delay(AwayPause, time, stop);
            }
        }

        if (jobs == 0)
            reports.Say("No training is asked for. `ipunet enqueue retraining` asks for one.");
        return end;
    }

    // Whether the job has its answer; null where it is not at its end: it is in the queue again, or with another reader.
    private async Task<bool?> HandleAsync(LeasedMessage message, TrainingLease lease, CancellationToken stop)
    {
        using var work = CancellationTokenSource.CreateLinkedTokenSource(stop, message.Lost);
        try
        {
            RetrainingJob job = RetrainingJob.Read(message);
            var attempt = new RetrainingWork(account, store, settings, reports, job, lease);
            RetrainingAnswer? answer = await _answers.FindAsync(job.Id, work.Token);
            if (answer is null || !RetrainingAnswers.IsOf(answer, job.SentAt))
            {
                answer = await attempt.RunAsync(work.Token);
                await lease.RequireAsync(work.Token);
                answer = await _answers.WriteAsync(answer, work.Token);
                RetrainingMetrics.Done(answer);
            }

            await lease.RequireAsync(work.Token);
            await attempt.EndAsync(work.Token);
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
            reports.Warn("The job's message is no longer this reader's; when it comes back, the training goes on from its last checkpoint.");
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
                message, new JobRefusedException("error", $"{error.GetType().Name} at each of {message.DequeueCount} deliveries: {error.Message}", error), RetrainingStatus.Failed, work.Token);
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
            // Storage is away: it comes back by itself.
        }
    }

    private async Task<bool> GiveUpAsync(LeasedMessage message, JobRefusedException reason, RetrainingStatus status, CancellationToken cancellation)
    {
        await _answers.TryGiveUpAsync(message.Body, message.InsertedOn, status, reason.Message, cancellation);
        await message.PoisonAsync(reason.Category, reason.Message, cancellation);
        reports.Fail(reason.Message);
        return false;
    }
}

/// <summary>How the work on trainings ended.</summary>
public enum RetrainingEnd
{
    /// <summary>The queue is empty, and each job was answered with a model that was put in use or judged not to be better.</summary>
    Done,

    /// <summary>The queue is empty, and some job was refused or failed; the reports say which.</summary>
    SomeFailed,

    /// <summary>It was stopped.</summary>
    Stopped,
}
