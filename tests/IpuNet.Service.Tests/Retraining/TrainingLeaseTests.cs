using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using IpuNet.Contract;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Time.Testing;

namespace IpuNet.Service.Tests.Retraining;

public sealed class TrainingLeaseTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TryAcquireAsync_ByMany_GivesItToOne()
    {
        StorageAccount account = await azurite.NewAccountAsync();

        TrainingLease?[] leases = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => TrainingLease.TryAcquireAsync(account, TimeProvider.System, Cancellation)));

        await using TrainingLease held = leases.OfType<TrainingLease>().ShouldHaveSingleItem();
        held.Lost.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task DisposeAsync_LetsAnotherTakeIt()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        var time = new FakeTimeProvider();
        TrainingLease first = await AcquireAsync(account, time);

        await first.DisposeAsync();

        await using TrainingLease second = await AcquireAsync(account, time);
        first.Lost.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task Lease_WhenItsTimeToRenewHasCome_IsRenewed()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        var time = new FakeTimeProvider();
        await using TrainingLease lease = await AcquireAsync(account, time);

        // Longer than a lease without renewal.
        for (int i = 0; i < 5; i++)
        {
            long held = lease.HeldSince;
            await ConsumerRun.UntilAsync(() =>
            {
                // No renewal may take so long on this clock that it is late.
                if (time.GetElapsedTime(held) < TrainingLease.Renewal * 3)
                    time.Advance(TrainingLease.Renewal / 3);
                return Task.FromResult(lease.HeldSince > held);
            });
        }

        lease.Lost.IsCancellationRequested.ShouldBeFalse();
        (await TrainingLease.TryAcquireAsync(account, time, Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task Lease_ThatAnotherHasTakenOver_IsLostAtTheNextRenewalAndLeftToTheOther()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        var time = new FakeTimeProvider();
        TrainingLease first = await AcquireAsync(account, time);
        await BreakAsync(account);
        await using TrainingLease second = await AcquireAsync(account, new FakeTimeProvider());

        time.Advance(TrainingLease.Renewal);
        await ConsumerRun.UntilAsync(() => Task.FromResult(first.Lost.IsCancellationRequested));
        await first.DisposeAsync();

        (await TrainingLease.TryAcquireAsync(account, time, Cancellation)).ShouldBeNull();
        second.Lost.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task Lease_OfAProcessThatWasHeldUpForLonger_GoesOnIfNobodyTookIt()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        var time = new FakeTimeProvider();
        await using TrainingLease lease = await AcquireAsync(account, time);
        long held = lease.HeldSince;

        time.Advance(TrainingLease.Duration * 3);
        await ConsumerRun.UntilAsync(() => Task.FromResult(lease.HeldSince > held || lease.Lost.IsCancellationRequested));

        lease.Lost.IsCancellationRequested.ShouldBeFalse();
        (await TrainingLease.TryAcquireAsync(account, time, Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task Lease_ThatIsNobodys_IsTakenAgain()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        var time = new FakeTimeProvider();
        await using TrainingLease lease = await AcquireAsync(account, time);
        await BreakAsync(account);

        time.Advance(TrainingLease.Duration);
        bool isHeld = await lease.IsHeldAsync(Cancellation);

        isHeld.ShouldBeTrue();
        (await TrainingLease.TryAcquireAsync(account, time, Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task Lease_ThatAnotherHadMeanwhile_IsLostAndFree()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        var time = new FakeTimeProvider();
        TrainingLease first = await AcquireAsync(account, time);
        await BreakAsync(account);
        await (await AcquireAsync(account, new FakeTimeProvider())).DisposeAsync();

        time.Advance(TrainingLease.Duration);
        bool isHeld = await first.IsHeldAsync(Cancellation);

        isHeld.ShouldBeFalse();
        first.Lost.IsCancellationRequested.ShouldBeTrue();
        await using TrainingLease third = await AcquireAsync(account, new FakeTimeProvider());
    }

    [Fact]
    public async Task IsHeldAsync_WhileStorageDoesNotSay_Waits()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        var time = new FakeTimeProvider();
        await using TrainingLease lease = await AcquireAsync(account, time);
        (await lease.IsHeldAsync(Cancellation)).ShouldBeTrue();
        await account.Container(StorageNames.Results).DeleteAsync(cancellationToken: Cancellation);

        time.Advance(TrainingLease.Duration);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));

        await Should.ThrowAsync<OperationCanceledException>(() => lease.IsHeldAsync(patience.Token));
        lease.Lost.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task AcquireAsync_WhileAnotherHoldsIt_WaitsAndSaysSoOnce()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        var time = new FakeTimeProvider();
        TrainingLease first = await AcquireAsync(account, new FakeTimeProvider());
        int said = 0;
        Task<TrainingLease> waiting = TrainingLease.AcquireAsync(account, time, () => Interlocked.Increment(ref said), Cancellation);
        await ConsumerRun.UntilAsync(() => Task.FromResult(Volatile.Read(ref said) > 0));

        await first.DisposeAsync();
        await ConsumerRun.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(5));
            return Task.FromResult(waiting.IsCompleted);
        });

        await using TrainingLease second = await waiting;
        said.ShouldBe(1);
    }

    // Storage does this by itself when a holder has been dead for the duration of a lease.
    private static async Task BreakAsync(StorageAccount account)
    {
        BlobClient blob = account.Container(StorageNames.Results).GetBlobClient(StorageNames.TrainingLease);
        await blob.GetBlobLeaseClient().BreakAsync(TimeSpan.Zero, cancellationToken: Cancellation);
    }

    private static async Task<TrainingLease> AcquireAsync(StorageAccount account, TimeProvider time) =>
        (await TrainingLease.TryAcquireAsync(account, time, Cancellation)).ShouldNotBeNull();
}
