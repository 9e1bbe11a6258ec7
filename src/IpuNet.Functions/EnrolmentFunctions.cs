using Azure.Storage.Queues.Models;
using IpuNet.Service.Enrolment;
using IpuNet.Service.Storage;
using Microsoft.Azure.Functions.Worker;

namespace IpuNet.Functions;

/// <summary>Notices jobs that change galleries.</summary>
public sealed class EnrolmentFunctions(EnrolmentIntake intake)
{
    /// <summary>Answers a job that makes no sense; any other goes to <see cref="StorageNames.CheckedEnrolments"/>.</summary>
    [Function("TakeEnrolment")]
    public Task TakeAsync([QueueTrigger(StorageNames.Enrolments, Connection = Triggers.Connection)] QueueMessage message, CancellationToken cancellation) =>
        intake.HandleAsync(message, cancellation);
}
