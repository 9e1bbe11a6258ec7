using IpuNet.Contract;
using IpuNet.Service.Queues;

namespace IpuNet.Service.Tests.Queues;

/// <summary>Two queues read as one.</summary>
public sealed class SharedReadingTests(AzuriteFixture azurite)
{
    private static readonly RetrainingMessage Job = new() { JobId = "7", Experiment = "default" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadAllWithAsync_WithAsManyHeldAsAllowed_TakesFromNeitherQueueUntilOneIsEnded()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        JobQueue queue = rig.Open(), other = rig.Open(name: StorageNames.FaceBatches);
        foreach (JobQueue full in (JobQueue[])[queue, other, queue, other])
            await full.SendAsync(Job, Cancellation);
        await using var messages = queue.ReadAllWithAsync(other, 2, Cancellation).GetAsyncEnumerator(Cancellation);
        await messages.MoveNextAsync();
        LeasedMessage first = messages.Current;
        await messages.MoveNextAsync();

        Task<bool> third = messages.MoveNextAsync().AsTask();
        (await VisibleAsync(rig, queue) + await VisibleAsync(rig, other)).ShouldBe(2);
        third.IsCompleted.ShouldBeFalse();
        await first.CompleteAsync(Cancellation);

        (await third).ShouldBeTrue();
    }

    [Fact]
    public async Task ReadAllWithAsync_WithTwoFullQueues_TakesFromEachInTurn()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        JobQueue queue = rig.Open(), other = rig.Open(name: StorageNames.FaceBatches);
        foreach (JobQueue full in (JobQueue[])[queue, queue, other, other])
            await full.SendAsync(Job, Cancellation);

        List<string> read = [];
        await foreach (LeasedMessage message in queue.ReadAllWithAsync(other, 1, Cancellation))
        {
            read.Add(message.Queue);
            await message.CompleteAsync(Cancellation);
            if (read.Count == 4)
                break;
        }

        read.ShouldBe([queue.Name, other.Name, queue.Name, other.Name]);
    }

    [Fact]
    public async Task ReadAllWithAsync_WithOneQueueAway_ReadsTheOther()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await rig.Account.Queue(QueueRig.Name).DeleteAsync(Cancellation);
        JobQueue other = rig.Open(name: StorageNames.FaceBatches);
        await other.SendAsync(Job, Cancellation);

        await using var messages = rig.Open().ReadAllWithAsync(other, 1, Cancellation).GetAsyncEnumerator(Cancellation);

        (await messages.MoveNextAsync()).ShouldBeTrue();
        messages.Current.Queue.ShouldBe(other.Name);
    }

    private static async Task<int> VisibleAsync(QueueRig rig, JobQueue queue) =>
        (await rig.Account.Queue(queue.Name).PeekMessagesAsync(32, Cancellation)).Value.Length;
}
