using IpuNet.Faces.Pipeline;

namespace IpuNet.Service.Models;

/// <summary>
/// The models that a worker runs. Others may be put in their place while it runs: whoever borrowed the former ones finishes with them, and
/// they are closed when the last has given them back. Safe for many threads.
/// </summary>
public sealed class ServingModels : IDisposable
{
    private readonly Lock _lock = new();
    private Generation? _current, _next;

    /// <summary>Models that stay the caller's.</summary>
    public static ServingModels Of(PipelineModels models) => new() { _current = new Generation(models, isOwn: false) };

    /// <summary>Whether there are any.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock)
                return _current is null;
        }
    }

    /// <summary>Borrows the models in use.</summary>
    /// <exception cref="InvalidOperationException">There are none yet.</exception>
    public ModelLease Borrow()
    {
        lock (_lock)
            return (_current ?? throw new InvalidOperationException("No models are loaded yet.")).Borrow();
    }

    /// <summary>Borrows the models that are to be used next, while they wait for that; else those in use.</summary>
    /// <exception cref="InvalidOperationException">There are none yet.</exception>
    public ModelLease BorrowNext()
    {
        lock (_lock)
        {
            if (_next is not null)
                return _next.Borrow();
        }

        return Borrow();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Withdraw();
        Generation? last;
        lock (_lock)
            (last, _current) = (_current, null);
        last?.Retire();
    }

    /// <summary>Has models ready to be used next, in place of others that were. They become this object's.</summary>
    internal void Offer(PipelineModels models)
    {
        Withdraw();
        lock (_lock)
            _next = new Generation(models, isOwn: true);
    }

    /// <summary>Uses no others next.</summary>
    internal void Withdraw()
    {
        Generation? withdrawn;
        lock (_lock)
            (withdrawn, _next) = (_next, null);
        withdrawn?.Retire();
    }

    /// <summary>Puts the models that were offered in use.</summary>
    internal void Switch()
    {
        Generation? former;
        lock (_lock)
        {
            (former, _current, _next) = (_current, _next ?? throw new InvalidOperationException("No models were offered."), null);
        }

        // Outside the lock: whoever is told that the models are replaced borrows others at once.
        former?.Retire();
    }

    internal sealed class Generation(PipelineModels models, bool isOwn) : IDisposable
    {
        private readonly CancellationTokenSource _replaced = new();

        // One for being in use, and one for each who borrowed them.
        private int _holders = 1;

        public PipelineModels Models => models;

        public CancellationToken Replaced => _replaced.Token;

        public ModelLease Borrow()
        {
            Interlocked.Increment(ref _holders);
            return new ModelLease(this);
        }

        public void Retire()
        {
            _replaced.Cancel();
            Release();
        }

        public void Release()
        {
            if (Interlocked.Decrement(ref _holders) == 0)
                Dispose();
        }

        public void Dispose()
        {
            _replaced.Dispose();
            if (isOwn)
                models.Dispose();
        }
    }
}

/// <summary>Borrowed models; they stay open until this is disposed.</summary>
public sealed class ModelLease : IDisposable
{
    private readonly ServingModels.Generation _generation;
    private int _isOver;

    internal ModelLease(ServingModels.Generation generation) => _generation = generation;

    /// <summary>The models.</summary>
    public PipelineModels Models => _generation.Models;

    /// <summary>Is cancelled when others are in use: what is begun from then on is begun with those.</summary>
    public CancellationToken Replaced => _generation.Replaced;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 0)
            _generation.Release();
    }
}
