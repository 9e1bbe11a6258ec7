using IpuNet.Contract;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Tests.Queues;

/// <summary>The queue of retraining jobs, which is the simplest, in an account for one test.</summary>
internal sealed class QueueRig(StorageAccount account)
{
    public const string Name = StorageNames.Retraining;

    public StorageAccount Account => account;

    public PoisonLog Poison { get; } = new(account);

    public static async Task<QueueRig> CreateAsync(AzuriteFixture azurite) => new(await azurite.NewAccountAsync());

    public JobQueue Open(QueueOptions? options = null, TimeProvider? time = null, string name = Name) =>
        new(account, name, Poison, Options.Create(options ?? new QueueOptions()), time ?? TimeProvider.System);

    /// <summary>Puts a message into the queue unchanged, in base64 or not.</summary>
    public async Task<string> SendRawAsync(string wire) =>
        (await account.Queue(Name).SendMessageAsync(wire, TestContext.Current.CancellationToken)).Value.MessageId;

    /// <summary>The number of messages in a queue, including hidden ones.</summary>
    public Task<int> CountAsync(string queue = Name) => account.CountMessagesAsync(queue, TestContext.Current.CancellationToken);
}

internal static class QueueReading
{
    /// <summary>Receives the next message of a queue.</summary>
    public static async Task<LeasedMessage> ReadOneAsync(this JobQueue queue)
    {
        await foreach (LeasedMessage message in queue.ReadAllAsync(1, TestContext.Current.CancellationToken))
            return message;
        throw new InvalidOperationException("The test was cancelled.");
    }

    /// <summary>Reads until a condition holds.</summary>
    public static async Task ReadUntilAsync(this JobQueue queue, Func<Task<bool>> isSo)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task reading = Task.Run(async () =>
        {
            await foreach (LeasedMessage message in queue.ReadAllAsync(8, stop.Token))
                throw new InvalidOperationException($"Message {message.Id} was handed out.");
        });
        while (!reading.IsCompleted && !await isSo())
            await Task.Delay(20, stop.Token);
        await stop.CancelAsync();
        await reading;
    }
}
