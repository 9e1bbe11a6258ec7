namespace IpuNet.Service.Queues;

/// <summary>Bounds what a reader holds, and says how many messages it may ask for: others are to have what it cannot work on soon.</summary>
/// <param name="most">Most work that is held, in items.</param>
/// <param name="largest">Items of the largest message there may be.</param>
internal sealed class ReadingRoom(int most, int largest)
{
    // What storage hands out at once at most.
    private const int MostReceived = 32;

    // Where little is free, asking waits until it is worth a request.
    private readonly int _least = Math.Max(1, most / 4);

    private readonly Lock _lock = new();
    private int _free = most;

    // Of the messages that came last; what is not yet known may be large.
    private int _itemsEach = largest;
    private TaskCompletionSource? _waiting;

    /// <summary>Waits for room.</summary>
    /// <returns>How many messages may be asked for, 1 to 32; 0 when cancelled.</returns>
    public async Task<int> WaitAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (cancellation.IsCancellationRequested)
                    return 0;
                if (_free >= _least)
                    return Math.Clamp(_free / _itemsEach, 1, MostReceived);
                _waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                more = _waiting.Task;
            }

            await more.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Notes that messages are held; they may be more than there was room for: only now it is known how large they are.</summary>
    /// <param name="messages">How many there are.</param>
    /// <param name="items">How many items they have, at least one each.</param>
    public void Take(int messages, int items)
    {
        if (messages == 0)
            return;
        lock (_lock)
        {
            _free -= items;
            _itemsEach = (items + messages - 1) / messages;
        }
    }

    /// <summary>Notes that a message is no longer held.</summary>
    public void Release(int items)
    {
        lock (_lock)
        {
            _free += items;
            if (_free >= _least)
                _waiting?.TrySetResult();
        }
    }
}
