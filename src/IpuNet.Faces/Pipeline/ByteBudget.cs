namespace IpuNet.Faces.Pipeline;

/// <summary>A limit for the bytes in memory. A request above the limit takes the whole budget. Safe for many threads.</summary>
/// <param name="total">The budget in bytes, at least 1.</param>
public sealed class ByteBudget(long total)
{
    private readonly long _total = total;
    private readonly Lock _lock = new();
    private readonly Queue<(long Bytes, TaskCompletionSource Granted)> _waiting = new();
    private long _free = total;

    /// <summary>The number of bytes taken now.</summary>
    public long Taken
    {
        get
        {
            lock (_lock)
                return _total - _free;
        }
    }

    /// <summary>Waits until bytes are free, and takes them. Requests are served in their order.</summary>
    /// <param name="count">The number of bytes, at least 0. A number above the budget counts as the whole budget.</param>
    /// <param name="cancellation">Cancels the request. Nothing is taken then.</param>
    public async Task TakeAsync(long count, CancellationToken cancellation)
    {
        TaskCompletionSource granted = Ask(count);
        using CancellationTokenRegistration registration = cancellation.Register(() =>
        {
            // A later request may have waited only for this one.
            lock (_lock)
            {
                if (granted.TrySetCanceled(cancellation))
                    Grant();
            }
        });
        await granted.Task.ConfigureAwait(false);
    }

    /// <summary>Does the same as <see cref="TakeAsync"/>, but blocks the thread while it waits.</summary>
    /// <param name="count">The number of bytes, at least 0. A number above the budget counts as the whole budget.</param>
    public void Take(long count) => Ask(count).Task.Wait();

    /// <summary>Gives bytes back.</summary>
    /// <param name="count">The number of bytes of one request.</param>
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
