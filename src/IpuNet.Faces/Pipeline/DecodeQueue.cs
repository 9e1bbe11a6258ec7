namespace IpuNet.Faces.Pipeline;

/// <summary>
/// Gives memory to the images of one run in their order. The order matters: a later image keeps its memory until all earlier ones are
/// processed, so it must not take the memory that they wait for.
/// </summary>
/// <param name="budget">The memory. Other runs share it.</param>
internal sealed class DecodeQueue(ByteBudget budget)
{
    private readonly Lock _lock = new();
    private readonly HashSet<DecodeTurn> _holding = [];
    private DecodeTurn? _last;
    private bool _isClosed;

    /// <summary>Makes the turn of the next image. <see cref="DecodeTurn.Free"/> ends a turn, <see cref="Close"/> all turns.</summary>
    public DecodeTurn Next() => _last = new DecodeTurn(this, _last?.Passed ?? Task.CompletedTask);

    /// <summary>Gives all memory back. No image of this run gets memory afterwards.</summary>
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

/// <summary>One image's turn to take memory for its decoding.</summary>
/// <param name="queue">The queue of the run.</param>
/// <param name="before">Ends when all earlier images have their memory, or need none.</param>
internal sealed class DecodeTurn(DecodeQueue queue, Task before)
{
    private readonly TaskCompletionSource _passed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The taken memory in bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Ends when the image has its memory, or needs none. Then the next image's turn comes.</summary>
    public Task Passed => _passed.Task;

    /// <summary>Ends when the image must wait for memory. The earlier images must then be processed, to free theirs.</summary>
    public Task Held => _held.Task;

    /// <summary>Takes memory after all earlier images have theirs.</summary>
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

    /// <summary>Passes the turn to the next image without taking memory.</summary>
    public async Task PassAsync()
    {
        await before.ConfigureAwait(false);
        _passed.TrySetResult();
    }

    /// <summary>Gives the memory back, if any was taken.</summary>
    public void Free() => queue.Free(this);
}
