using IpuNet.Service.Intake;
using IpuNet.Service.Messages;
using IpuNet.Service.Queues;

namespace IpuNet.Service.Retraining;

/// <summary>A job that makes sense.</summary>
/// <param name="Id">Its id, fit for the name of a blob.</param>
/// <param name="Experiment">Name of the experiment, fit for the name of a file.</param>
/// <param name="SentAt">When it was sent, by the clock of storage.</param>
public sealed record RetrainingJob(string Id, string Experiment, DateTimeOffset SentAt)
{
    /// <summary>Reads a message.</summary>
    /// <exception cref="JobRefusedException">The message makes no sense, and never will.</exception>
    public static RetrainingJob Read(LeasedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        RetrainingMessage job = message.Read<RetrainingMessage>();
        if (BatchId.FaultOf(job.JobId) is { } wrongJob)
            throw new JobRefusedException("name", $"The job's id {wrongJob}. {BatchId.Rule}");
        if (ExperimentName.FaultOf(job.Experiment) is { } wrongExperiment)
            throw new JobRefusedException("experiment", $"The experiment's name {wrongExperiment}. {ExperimentName.Rule}");
        return new RetrainingJob(job.JobId, job.Experiment, message.InsertedOn);
    }
}
