using System.Text;
using Azure.Storage.Queues.Models;
using IpuNet.Contract;
using IpuNet.Service.Retraining;
using IpuNet.Service.Tests.Queues;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace IpuNet.Service.Tests.Retraining;

public sealed class RetrainingScheduleTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EnqueueAsync_WhenNoneWaits_SendsAJobOfTheMinute()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);

        string? jobId = await ScheduleOf(rig).EnqueueAsync(Cancellation);

        jobId.ShouldBe("scheduled-20261125-0100");
        QueueMessage message = (
            await rig.Account.Queue(StorageNames.Retraining).ReceiveMessageAsync(cancellationToken: Cancellation)).Value;
        RetrainingMessage job = JobSerializer.Read<RetrainingMessage>(Convert.FromBase64String(message.Body.ToString()));
        job.JobId.ShouldBe(jobId);
        job.Experiment.ShouldBe("cameras");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EnqueueAsync_WhileOneWaitsOrGoesOn_SendsNone(bool isGoingOn)
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await rig.SendRawAsync(Convert.ToBase64String(Encoding.UTF8.GetBytes("{}")));
        if (isGoingOn)
            await rig.Account.Queue(StorageNames.Retraining).ReceiveMessageAsync(TimeSpan.FromMinutes(1), Cancellation);

        string? jobId = await ScheduleOf(rig).EnqueueAsync(Cancellation);

        jobId.ShouldBeNull();
        (await rig.CountAsync()).ShouldBe(1);
    }

    private static RetrainingSchedule ScheduleOf(QueueRig rig) => new(
        rig.Account, rig.Open(), Options.Create(new RetrainingScheduleOptions { Experiment = "cameras" }),
        new FakeTimeProvider(new DateTimeOffset(2026, 11, 25, 1, 0, 3, TimeSpan.Zero)));
}
