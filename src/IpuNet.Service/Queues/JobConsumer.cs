using Microsoft.Extensions.Hosting;

namespace IpuNet.Service.Queues;

/// <summary>
/// Reads a queue and has its messages handled. Several, in as many processes as one likes, may read one queue. Told to stop, it finishes
/// what it holds, and gives back what is left when its time is up.
/// </summary>
public abstract class JobConsumer : BackgroundService
{
    private static readonly TimeSpan ReturnTime = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _timeUp = new();

    /// <summary>Is cancelled when what is held is to be given back.</summary>
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

    /// <summary>Reads the queue for as long as it is not cancelled.</summary>
    protected abstract IAsyncEnumerable<LeasedMessage> ReadAllAsync(CancellationToken cancellation);

    /// <summary>Handles a message, and ends it in the queue in one way or the other; throws nothing. Several run at a time.</summary>
    /// <param name="message">The message.</param>
    /// <param name="timeUp">Gives up: the message goes back into the queue.</param>
    protected abstract Task HandleAsync(LeasedMessage message, CancellationToken timeUp);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var handlings = new HashSet<Task>();
        await foreach (LeasedMessage message in ReadAllAsync(stoppingToken).ConfigureAwait(false))
        {
            handlings.RemoveWhere(handling => handling.IsCompleted);
            bool isSuspected = message.DequeueCount > MessageEnd.TrustedDeliveries;
            // Should the worker end, it has to be clear whose fault it is.
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
