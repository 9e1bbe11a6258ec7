using IpuNet.Faces.Pipeline;

namespace IpuNet.Service.Models;

/// <summary>
/// The models that a worker runs. They can be replaced while the worker runs: a borrower keeps the models that it borrowed, and they are
/// closed after the last borrower returns them. Thread-safe.
/// </summary>
public sealed class ServingModels : IDisposable
{
    private readonly Lock _lock = new();
    private Generation? _current, _next;

    /// <summary>Wraps models that the caller keeps and disposes of.</summary>
    public static ServingModels Of(PipelineModels models) => new() { _current = new Generation(models, isOwn: false) };

    /// <summary>Whether there are no models.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock)
                return _current is null;
        }
    }

    /// <summary>Borrows the models in use.</summary>
    /// <exception cref="InvalidOperationException">No models are loaded yet.</exception>
    public ModelLease Borrow()
    {
        lock (_lock)
            return (_current ?? throw new InvalidOperationException("No models are loaded yet.")).Borrow();
    }

    /// <summary>Borrows the models that are to be used next, if any wait; otherwise those in use.</summary>
    /// <exception cref="InvalidOperationException">No models are loaded yet.</exception>
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

    /// <summary>Sets the models that are to be used next, and takes ownership of them. They replace earlier ones that wait.</summary>
    internal void Offer(PipelineModels models)
    {
        Withdraw();
        lock (_lock)
            _next = new Generation(models, isOwn: true);
    }

    /// <summary>Drops the models that were to be used next.</summary>
    internal void Withdraw()
    {
        Generation? withdrawn;
        lock (_lock)
            (withdrawn, _next) = (_next, null);
        withdrawn?.Retire();
    }

    /// <summary>Puts the offered models in use.</summary>
    internal void Switch()
    {
        Generation? former;
        lock (_lock)
        {
            (former, _current, _next) = (_current, _next ?? throw new InvalidOperationException("No models were offered."), null);
        }

        // Outside the lock, because a borrower that is notified borrows the new models at once.
        former?.Retire();
    }

    internal sealed class Generation(PipelineModels models, bool isOwn) : IDisposable
    {
        private readonly CancellationTokenSource _replaced = new();

        // One for being in use, and one per borrower.
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

/// <summary>Borrowed models. They stay open until the lease is disposed of.</summary>
public sealed class ModelLease : IDisposable
{
    private readonly ServingModels.Generation _generation;
    private int _isOver;

    internal ModelLease(ServingModels.Generation generation) => _generation = generation;

    /// <summary>The models.</summary>
    public PipelineModels Models => _generation.Models;

    /// <summary>Cancelled when other models are in use. New work should then start with those.</summary>
    public CancellationToken Replaced => _generation.Replaced;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 0)
            _generation.Release();
    }
}
