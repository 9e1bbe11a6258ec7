namespace IpuNet.Faces.Pipeline;

/// <summary>
/// Lets the images of one run be decoded in their order, as memory is free for them. In their order, because a later image keeps its memory
/// until all before it were worked on: it must not have what they wait for.
/// </summary>
/// <param name="budget">The memory, which other runs share.</param>
internal sealed class DecodeQueue(ByteBudget budget)
{
    private readonly Lock _lock = new();
    private readonly HashSet<DecodeTurn> _holding = [];
    private DecodeTurn? _last;
    private bool _isClosed;

    /// <summary>The turn of the next image. Each is given back to <see cref="DecodeTurn.Free"/>, or all to <see cref="Close"/>.</summary>
    public DecodeTurn Next() => _last = new DecodeTurn(this, _last?.Passed ?? Task.CompletedTask);

    /// <summary>Gives everything back; no image of this run is decoded any more.</summary>
    public void Close()
    {
        DecodeTurn[] left;
        lock (_lock)
        {
            _isClosed = true;
            left = [.. _holding];
        }

        foreach (DecodeTurn turn in left)
            Free(turn);
    }

    internal Task TakeAsync(long bytes, CancellationToken cancellation) => budget.TakeAsync(bytes, cancellation);

    internal void Keep(DecodeTurn turn)
    {
        lock (_lock)
        {
            if (!_isClosed && _holding.Add(turn))
                return;
        }

        budget.Release(turn.Bytes);
        throw new OperationCanceledException("The run is over.");
    }

    internal void Free(DecodeTurn turn)
    {
        lock (_lock)
        {
            if (!_holding.Remove(turn))
                return;
        }

        budget.Release(turn.Bytes);
    }
}

/// <summary>One image's turn to be decoded.</summary>
internal sealed class DecodeTurn(DecodeQueue queue, Task before)
{
    private readonly TaskCompletionSource _passed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was taken, in bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Ends when the image has its memory, or needs none; the next image's turn comes then.</summary>
    public Task Passed => _passed.Task;

    /// <summary>Ends when the image has to wait for memory: whoever holds images of the run before it is to work on them.</summary>
    public Task Held => _held.Task;

    /// <summary>Takes memory, once all images before have theirs.</summary>
    public async Task TakeAsync(long bytes, CancellationToken cancellation)
    {
        await before.WaitAsync(cancellation).ConfigureAwait(false);
        Task taken = queue.TakeAsync(bytes, cancellation);
        if (!taken.IsCompleted)
            _held.TrySetResult();
        await taken.ConfigureAwait(false);
        Bytes = bytes;
        queue.Keep(this);
        DecodedMemory.CollectBefore(bytes);
        _passed.TrySetResult();
    }

    /// <summary>Lets the next image have its turn, whatever became of this one.</summary>
    public async Task PassAsync()
    {
        await before.ConfigureAwait(false);
        _passed.TrySetResult();
    }

    /// <summary>Gives the memory back, if it has any.</summary>
    public void Free() => queue.Free(this);
}
