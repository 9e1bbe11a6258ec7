namespace IpuNet.Faces.Models;

/// <summary>Lets runs of models begin until it is closed, and then waits for those that have begun.</summary>
internal sealed class RunGate
{
    private readonly object _lock = new();
    private int _inside;
    private bool _isClosed;

    /// <returns>False where it is closed; else <see cref="Leave"/> is to be called.</returns>
    public bool TryEnter()
    {
        lock (_lock)
        {
            _inside += _isClosed ? 0 : 1;
            return !_isClosed;
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            if (--_inside == 0)
                Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Lets none begin any more, and returns when all have ended.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            while (_inside > 0)
                Monitor.Wait(_lock);
        }
    }
}
