using System.Globalization;
using IpuNet.Cli.Cloud;
using IpuNet.Cli.CommandLine;
using IpuNet.Cli.Terminals;
using IpuNet.Faces.Models;
using IpuNet.Service.Messages;
using IpuNet.Service.Queues;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Retrain;

/// <summary>
/// <c>ipunet train --storage</c>: works on the jobs of the queue, one training at a time in the whole account. Killed at any moment and
/// started again, here or elsewhere, it goes on from the last checkpoint.
/// </summary>
internal sealed class StorageTraining(StorageAccount account, ModelStore store, RetrainingSettings settings, Terminal terminal)
{
    // What fails so often has had its chances; being killed is no failure.
    private const int MaxDeliveries = 5;

    private readonly RetrainingAnswers _answers = new(account, TimeProvider.System);

    /// <summary>Works until the queue is empty.</summary>
    /// <param name="experiment">An experiment to send a job for first; null for those that are in the queue.</param>
    /// <param name="cancellation">Stops; the job goes back into the queue.</param>
    public async Task<int> RunAsync(string? experiment, CancellationToken cancellation)
    {
        JobQueue queue = Jobs.Queue(account, StorageNames.Retraining);
        if (experiment is not null)
        {
            string job = string.Create(CultureInfo.InvariantCulture, $"{experiment}-{DateTime.UtcNow:yyyyMMdd-HHmmss}");
            await queue.SendAsync(new RetrainingMessage { JobId = job, Experiment = experiment }, cancellation);
        }

        await using TrainingLease lease = await TrainingLease.AcquireAsync(
            account, TimeProvider.System, () => terminal.Note("Another training runs in this account; waiting for its end ..."), cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lease.Lost);
        int code = ExitCode.Done, jobs = 0;
        try
        {
            // Messages of a trainer that was killed come back within the visibility timeout, and are counted before.
            while (await account.CountMessagesAsync(StorageNames.Retraining, stop.Token) > 0)
            {
                await foreach (LeasedMessage message in queue.ReadAllAsync(maxHeld: 1, stop.Token))
                {
                    code = Math.Max(code, await HandleAsync(message, stop.Token));
                    jobs++;
                    break;
                }

                stop.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            terminal.Note(lease.Lost.IsCancellationRequested
                ? "The lease on the account's training was lost: somebody else may go on with it."
                : "Stopped. The checkpoint is in storage, and the job in the queue: `ipunet train --storage` goes on, here or elsewhere.");
            return ExitCode.Stopped;
        }

        if (jobs == 0)
            terminal.WriteLine("No training is asked for. `ipunet enqueue retraining` asks for one.");
        return code;
    }

    private async Task<int> HandleAsync(LeasedMessage message, CancellationToken stop)
    {
        using var work = CancellationTokenSource.CreateLinkedTokenSource(stop, message.Lost);
        try
        {
            RetrainingJob job = RetrainingJob.Read(message);
            var attempt = new RetrainingWork(account, store, settings, terminal, job);
            RetrainingAnswer? answer = await _answers.FindAsync(job.Id, work.Token);
            if (answer is null || !RetrainingAnswers.IsOf(answer, job.SentAt))
            {
                answer = await attempt.RunAsync(work.Token);
                answer = await _answers.WriteAsync(answer, work.Token);
                RetrainingMetrics.Done(answer);
            }

            await attempt.EndAsync(work.Token);
            await message.CompleteAsync(work.Token);
            terminal.WriteLine($"{job.Id}: {answer.Status.ToString().ToLowerInvariant()}. {answer.Reason}");
            return answer.Status is RetrainingStatus.Promoted or RetrainingStatus.Kept ? ExitCode.Done : ExitCode.SomeFailed;
        }
        catch (JobRefusedException refusal)
        {
            return await GiveUpAsync(message, refusal, RetrainingStatus.Refused, work.Token);
        }
        catch (OperationCanceledException)
        {
            await message.ReturnAsync(TimeSpan.Zero, CancellationToken.None);
            throw;
        }
        catch (Exception error) when (message.DequeueCount >= MaxDeliveries && !StorageCheck.IsUnavailable(error))
        {
            terminal.Fail(error.Message);
            return await GiveUpAsync(
                message, new JobRefusedException("error", $"{error.GetType().Name} at each of {message.DequeueCount} deliveries: {error.Message}", error), RetrainingStatus.Failed, work.Token);
        }
        catch
        {
            await message.ReturnAsync(TimeSpan.Zero, CancellationToken.None);
            throw;
        }
    }

    private async Task<int> GiveUpAsync(LeasedMessage message, JobRefusedException reason, RetrainingStatus status, CancellationToken cancellation)
    {
        await _answers.TryGiveUpAsync(message.Body, message.InsertedOn, status, reason.Message, cancellation);
        await message.PoisonAsync(reason.Category, reason.Message, cancellation);
        terminal.Fail(reason.Message);
        return ExitCode.SomeFailed;
    }
}
