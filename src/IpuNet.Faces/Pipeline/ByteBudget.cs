namespace IpuNet.Faces.Pipeline;

/// <summary>Lets only so many bytes be in memory at a time; what is larger than all of it gets all of it.</summary>
/// <param name="total">All of it, at least 1.</param>
public sealed class ByteBudget(long total)
{
    private readonly long _total = total;
    private readonly Lock _lock = new();
    private readonly Queue<(long Bytes, TaskCompletionSource Granted)> _waiting = new();
    private long _free = total;

    /// <summary>How many bytes are taken now.</summary>
    public long Taken
    {
        get
        {
            lock (_lock)
                return _total - _free;
        }
    }

    /// <summary>Takes bytes, in the order of asking; ends when they are free.</summary>
    /// <param name="count">How many, at least 0; more than there are count as all.</param>
    /// <param name="cancellation">Gives up; nothing is taken then.</param>
    public async Task TakeAsync(long count, CancellationToken cancellation)
    {
        TaskCompletionSource granted = Ask(count);
        using CancellationTokenRegistration giveUp = cancellation.Register(() =>
        {
            // Who asked later may have waited for this one only.
            lock (_lock)
            {
                if (granted.TrySetCanceled(cancellation))
                    Grant();
            }
        });
        await granted.Task.ConfigureAwait(false);
    }

    /// <summary>Takes bytes as <see cref="TakeAsync"/> does, and has the thread wait for them.</summary>
    /// <param name="count">How many, at least 0; more than there are count as all.</param>
    public void Take(long count) => Ask(count).Task.Wait();

    /// <summary>Gives bytes back.</summary>
    /// <param name="count">As many as were taken at once.</param>
    public void Release(long count)
    {
        lock (_lock)
        {
            _free += Math.Min(count, _total);
            Grant();
        }
    }

    private TaskCompletionSource Ask(long count)
    {
        var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Enqueue((Math.Min(count, _total), granted));
            Grant();
        }

        return granted;
    }

    private void Grant()
    {
        while (_waiting.TryPeek(out var first) && (first.Bytes <= _free || first.Granted.Task.IsCompleted))
        {
            _waiting.Dequeue();
            if (first.Granted.TrySetResult())
                _free -= first.Bytes;
        }
    }
}
