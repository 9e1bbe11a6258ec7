using Microsoft.Extensions.Hosting;

namespace IpuNet.Service.Queues;

/// <summary>
/// Reads a queue and handles its messages. Any number of consumers and processes may read one queue. When stopped, a consumer finishes the
/// messages that it holds. It returns the rest when its time is up.
/// </summary>
public abstract class JobConsumer : BackgroundService
{
    private static readonly TimeSpan ReturnTime = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _timeUp = new();

    /// <summary>Cancelled when the held messages must be returned.</summary>
    protected CancellationToken TimeUp => _timeUp.Token;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration timeUp = cancellationToken.Register(_timeUp.Cancel);
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        if (ExecuteTask is { IsCompleted: false } returning)
            await returning.WaitAsync(ReturnTime, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _timeUp.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads the queue until cancelled.</summary>
    protected abstract IAsyncEnumerable<LeasedMessage> ReadAllAsync(CancellationToken cancellation);

    /// <summary>Handles a message and ends it in the queue. Throws nothing. Several calls run at a time.</summary>
    /// <param name="message">The message.</param>
    /// <param name="timeUp">Cancels the handling; the message returns to the queue.</param>
    protected abstract Task HandleAsync(LeasedMessage message, CancellationToken timeUp);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var handlings = new HashSet<Task>();
        await foreach (LeasedMessage message in ReadAllAsync(stoppingToken).ConfigureAwait(false))
        {
            handlings.RemoveWhere(handling => handling.IsCompleted);
            bool isSuspected = message.DequeueCount > MessageSettlement.TrustedDeliveries;
            // A suspected message runs alone, so that a crash can be attributed to it.
            if (isSuspected)
                await Task.WhenAll(handlings).ConfigureAwait(false);
            Task handling = Task.Run(() => HandleAsync(message, TimeUp), CancellationToken.None);
            if (isSuspected)
                await handling.ConfigureAwait(false);
            else
                handlings.Add(handling);
        }

        await Task.WhenAll(handlings).ConfigureAwait(false);
    }
}
