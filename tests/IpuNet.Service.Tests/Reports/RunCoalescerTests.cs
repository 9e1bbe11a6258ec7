using IpuNet.Service.Reports;

namespace IpuNet.Service.Tests.Reports;

public sealed class RunCoalescerTests
{
    [Fact]
    public async Task RunAsync_ByManyWhileOneIsUnderWay_RunsOnceMoreForAll()
    {
        var runs = new RunCoalescer();
        var gate = new TaskCompletionSource();
        int begun = 0;
        Task first = runs.RunAsync("a", WorkAsync, TestContext.Current.CancellationToken);
        while (Volatile.Read(ref begun) == 0)
            await Task.Delay(1, TestContext.Current.CancellationToken);

        Task[] others = [.. Enumerable.Range(0, 10).Select(_ => runs.RunAsync("a", WorkAsync, TestContext.Current.CancellationToken))];
        gate.SetResult();
        await Task.WhenAll([first, .. others]);

        begun.ShouldBe(2);

        Task WorkAsync()
        {
            Interlocked.Increment(ref begun);
            return gate.Task;
        }
    }

    [Fact]
    public async Task RunAsync_AfterAFailure_RunsAnew()
    {
        var runs = new RunCoalescer();
        await Should.ThrowAsync<IOException>(
            () => runs.RunAsync("a", () => throw new IOException(), TestContext.Current.CancellationToken));

        await runs.RunAsync("a", () => Task.CompletedTask, TestContext.Current.CancellationToken);
    }
}
