using Azure.Storage.Queues.Models;
using IpuNet.Contract;
using IpuNet.Service.Queues;
using Microsoft.Extensions.Time.Testing;

namespace IpuNet.Service.Tests.Queues;

public sealed class MessageLeaseTests(AzuriteFixture azurite)
{
    private static readonly TimeSpan Third = new QueueOptions().VisibilityTimeout / 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lease_AtAThirdOfItsTime_IsRenewedByStorage()
    {
        var time = new FakeTimeProvider();
        (QueueRig rig, LeasedMessage message) = await HoldAsync(time);
        string receipt = message.Lease.Receipt;
        DateTimeOffset hiddenUntil = message.Lease.HiddenUntil!.Value;

        time.Advance(Third);
        await UntilAsync(() => message.Lease.Receipt != receipt);

        message.Lease.HiddenUntil!.Value.ShouldBeGreaterThanOrEqualTo(hiddenUntil);
        (await ReceiveAsync(rig)).ShouldBeEmpty();
        await message.CompleteAsync(Cancellation);
        (await rig.CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Lease_WhileWorkTakesLongerThanItsTime_KeepsTheMessageFromOthers()
    {
        // The storage clock cannot be set, so this one test waits. It measures no time.
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await rig.Open().SendAsync(new RetrainingMessage { JobId = "7", Experiment = "default" }, Cancellation);
        LeasedMessage message = await rig.Open(new QueueOptions { VisibilityTimeout = TimeSpan.FromSeconds(6) }).ReadOneAsync();
        DateTimeOffset firstHiddenUntil = message.Lease.HiddenUntil!.Value;

        await UntilAsync(() => DateTimeOffset.UtcNow > firstHiddenUntil.AddSeconds(0.5));

        (await ReceiveAsync(rig)).ShouldBeEmpty();
        message.Lost.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task Lease_ThatAnotherReaderHasTakenOver_IsLostAtTheNextRenewal()
    {
        var time = new FakeTimeProvider();
        (QueueRig rig, LeasedMessage message) = await HoldAsync(time);
        QueueMessage theirs = await TakeOverAsync(rig, message);

        time.Advance(Third);
        await UntilAsync(() => message.Lost.IsCancellationRequested);

        await message.CompleteAsync(Cancellation);
        await message.PoisonAsync("any", "any", Cancellation);
        (await rig.CountAsync()).ShouldBe(1);
        (await rig.Poison.FindAsync(message.Id, Cancellation)).ShouldBeNull();
        await rig.Account.Queue(QueueRig.Name).DeleteMessageAsync(theirs.MessageId, theirs.PopReceipt, Cancellation);
    }

    [Fact]
    public async Task CompleteAsync_OfALostMessage_LeavesItToTheOther()
    {
        (QueueRig rig, LeasedMessage message) = await HoldAsync(new FakeTimeProvider());
        await TakeOverAsync(rig, message);

        await message.CompleteAsync(Cancellation);

        message.Lost.IsCancellationRequested.ShouldBeTrue();
        (await rig.CountAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Lease_OfAProcessThatWasHeldUpForLonger_GoesOnIfNobodyTookTheMessage()
    {
        var time = new FakeTimeProvider();
        (QueueRig rig, LeasedMessage message) = await HoldAsync(time);
        string receipt = message.Lease.Receipt;

        time.Advance(Third * 9);
        await UntilAsync(() => message.Lease.Receipt != receipt || message.Lost.IsCancellationRequested);

        message.Lost.IsCancellationRequested.ShouldBeFalse();
        (await ReceiveAsync(rig)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Lease_WhenStorageDoesNotSayThatItIsAnothers_IsNotLost()
    {
        var time = new FakeTimeProvider();
        (QueueRig rig, LeasedMessage message) = await HoldAsync(time);
        await rig.Account.Queue(QueueRig.Name).DeleteAsync(Cancellation);

        for (int i = 0; i < 20; i++)
        {
            time.Advance(Third);
            await Task.Delay(20, Cancellation);
        }

        message.Lost.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task ReadAllAsync_OfAMessageThatItHoldsAlready_GoesOnWithItInsteadOfHandingItOutAgain()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await rig.Open().SendAsync(new RetrainingMessage { JobId = "7", Experiment = "default" }, Cancellation);
        JobQueue queue = rig.Open();
        LeasedMessage message = await queue.ReadOneAsync();
        string receipt = message.Lease.Receipt;
        await rig.Account.Queue(QueueRig.Name).UpdateMessageAsync(
            message.Id, receipt, visibilityTimeout: TimeSpan.Zero, cancellationToken: Cancellation);

        await queue.ReadUntilAsync(() => Task.FromResult(message.Lease.Receipt != receipt));

        message.Lost.IsCancellationRequested.ShouldBeFalse();
        await message.CompleteAsync(Cancellation);
        (await rig.CountAsync()).ShouldBe(0);
    }

    private static async Task<QueueMessage> TakeOverAsync(QueueRig rig, LeasedMessage message)
    {
        await rig.Account.Queue(QueueRig.Name).UpdateMessageAsync(
            message.Id, message.Lease.Receipt, visibilityTimeout: TimeSpan.Zero, cancellationToken: Cancellation);
        return (await ReceiveAsync(rig)).Single();
    }

    private static async Task<QueueMessage[]> ReceiveAsync(QueueRig rig) =>
        (await rig.Account.Queue(QueueRig.Name).ReceiveMessagesAsync(32, TimeSpan.FromMinutes(1), Cancellation)).Value;

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
            await Task.Delay(20, Cancellation);
    }

    private async Task<(QueueRig Rig, LeasedMessage Message)> HoldAsync(TimeProvider time)
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await rig.Open().SendAsync(new RetrainingMessage { JobId = "7", Experiment = "default" }, Cancellation);
        return (rig, await rig.Open(time: time).ReadOneAsync());
    }
}
