using CsCheck;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Faces.Tests.Pipeline;

public sealed class ByteBudgetTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task TakeAsync_ByManyOfWhomSomeGiveUp_IsNeverOverBudgetAndServesAllOthers() =>
        Gen.Select(Gen.Long[1, 100], Gen.Select(Gen.Long[0, 150], Gen.Bool).Array[1, 40]).SampleAsync(
            async (total, takers) =>
            {
                var budget = new ByteBudget(total);
                using var giveUp = new CancellationTokenSource();
                long held = 0, most = 0;
                Task[] all = [.. takers.Select(taker => Task.Run(() => TakeAsync(taker.Item1, taker.Item2)))];
                await Task.Yield();
                await giveUp.CancelAsync();

                await Task.WhenAll(all).WaitAsync(Patience, Cancellation);
                most.ShouldBeLessThanOrEqualTo(total);
                // The whole budget is free again, also after cancelled requests.
                budget.TakeAsync(total, Cancellation).IsCompletedSuccessfully.ShouldBeTrue();

                async Task TakeAsync(long bytes, bool givesUp)
                {
                    try
                    {
                        await budget.TakeAsync(bytes, givesUp ? giveUp.Token : Cancellation);
                    }
                    catch (OperationCanceledException) when (givesUp)
                    {
                        return;
                    }

                    long now = Interlocked.Add(ref held, Math.Min(bytes, total));
                    InterlockedMax(ref most, now);
                    await Task.Yield();
                    Interlocked.Add(ref held, -Math.Min(bytes, total));
                    budget.Release(bytes);
                }
            },
            iter: 200);

    [Fact]
    public async Task TakeAsync_BehindOneThatGaveUp_NeedNotWaitForIt()
    {
        var budget = new ByteBudget(10);
        await budget.TakeAsync(6, Cancellation);
        using var giveUp = new CancellationTokenSource();
        Task large = budget.TakeAsync(8, giveUp.Token), small = budget.TakeAsync(4, Cancellation);
        small.IsCompleted.ShouldBeFalse();

        await giveUp.CancelAsync();

        await small.WaitAsync(Patience, Cancellation);
        await Should.ThrowAsync<OperationCanceledException>(large);
    }

    private static void InterlockedMax(ref long most, long value)
    {
        long seen = Volatile.Read(ref most);
        while (value > seen && Interlocked.CompareExchange(ref most, value, seen) is var found && found != seen)
            seen = found;
    }
}
