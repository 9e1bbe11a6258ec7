namespace IpuNet.Service.Recognition;

/// <summary>Lets only so many bytes be in memory at a time; what is larger than all of it gets all of it.</summary>
/// <param name="total">All of it.</param>
internal sealed class ByteBudget(long total)
{
    private readonly long _total = total;
    private readonly Lock _lock = new();
    private readonly Queue<(long Bytes, TaskCompletionSource Granted)> _waiting = new();
    private long _free = total;

    /// <summary>Takes bytes, in the order of asking; ends when they are free.</summary>
    public Task TakeAsync(long count, CancellationToken cancellation)
    {
        lock (_lock)
        {
            count = Math.Min(count, _total);
            if (_waiting.Count == 0 && count <= _free)
            {
                _free -= count;
                return Task.CompletedTask;
            }

            var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((count, granted));
            return granted.Task.WaitAsync(cancellation);
        }
    }

    /// <summary>Gives bytes back.</summary>
    public void Release(long count)
    {
        lock (_lock)
        {
            _free += Math.Min(count, _total);
            while (_waiting.TryPeek(out var first) && first.Bytes <= _free)
            {
                _free -= first.Bytes;
                _waiting.Dequeue().Granted.SetResult();
            }
        }
    }
}
