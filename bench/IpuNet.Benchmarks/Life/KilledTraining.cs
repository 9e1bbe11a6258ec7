using System.Globalization;
using IpuNet.CommandLine.Programs;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;
using IpuNet.Service.Messages;
using IpuNet.Service.Queues;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;

namespace IpuNet.Benchmarks.Life;

/// <summary>A retraining as in production: a job in the queue, and a process of its own that works on it, is killed at random moments and started again.</summary>
internal sealed class KilledTraining(Terminal terminal, StorageAccount account, string connectionString)
{
    // Killed within its first minute, a process that follows another one may still wait for the lease of that one.
    private static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(60), LeastWork = TimeSpan.FromSeconds(5), MostWork = TimeSpan.FromSeconds(60);

    /// <summary>How often it was killed.</summary>
    public int Kills { get; private set; }

    /// <param name="experiment">The experiment.</param>
    /// <param name="kills">How often it is killed, if it takes long enough for that.</param>
    /// <param name="options">Further options of <c>ipunet train --storage</c>.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="FaceDataException">It ended by itself without an answer.</exception>
    public async Task<RetrainingAnswer> RunAsync(string experiment, int kills, IReadOnlyList<string> options, CancellationToken cancellation)
    {
        const string job = "life";
        await Jobs.Queue(account, StorageNames.Retraining).SendAsync(new RetrainingMessage { JobId = job, Experiment = experiment }, cancellation);
        int code;
        while (true)
        {
            using var training = ProductProcess.Start(ProgramBeside.Trainer, terminal, connectionString, ["train", "--storage", .. options]);
            Task<int> exit = training.ExitAsync(cancellation);
            if (Kills == kills || await Task.WhenAny(exit, Task.Delay(Moment(), cancellation)) == exit)
            {
                code = await exit;
                break;
            }

            cancellation.ThrowIfCancellationRequested();
            training.Kill();
            await exit;
            Kills++;
            terminal.Note($"The training was killed hard, {Kills} of {kills} times, and is started again.");
        }

        string name = StorageNames.RetrainingAnswer(job);
        if (!await account.Container(StorageNames.Results).GetBlobClient(name).ExistsAsync(cancellation))
            throw new FaceDataException(string.Create(CultureInfo.InvariantCulture, $"The training ended with exit code {code} and without an answer; what it said is above."));
        return RetrainingAnswer.FromJson(await Jobs.AnswerAsync(account, name, cancellation), name);
    }

    private TimeSpan Moment() => (Kills == 0 ? TimeSpan.Zero : LeaseTime) + LeastWork + (MostWork - LeastWork) * Random.Shared.NextDouble();
}
