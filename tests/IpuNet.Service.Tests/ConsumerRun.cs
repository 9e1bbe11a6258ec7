using IpuNet.Service.Queues;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Tests;

/// <summary>Runs consumers like a host.</summary>
internal static class ConsumerRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Runs consumers until their queues are empty, then stops them.</summary>
    public static async Task UntilEmptyAsync(
        StorageAccount account, IReadOnlyList<string> queues, params IReadOnlyList<JobConsumer> consumers)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        foreach (JobConsumer consumer in consumers)
            await consumer.StartAsync(cancellation);
        foreach (string queue in queues)
            await UntilAsync(async () => await account.CountMessagesAsync(queue, cancellation) == 0);
        foreach (JobConsumer consumer in consumers)
        {
            await consumer.StopAsync(cancellation);
            consumer.Dispose();
        }
    }

    /// <summary>Waits until a condition holds.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (!await isSo())
            await Task.Delay(Look, patience.Token);
    }
}
