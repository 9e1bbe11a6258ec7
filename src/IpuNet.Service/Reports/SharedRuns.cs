namespace IpuNet.Service.Reports;

/// <summary>Runs work by key, one run at a time. Who asks while one is under way gets the next, which begins after they asked, with all others who do.</summary>
internal sealed class SharedRuns
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Runs> _runs = new(StringComparer.Ordinal);

    /// <param name="key">What the work is for.</param>
    /// <param name="work">The work; where several ask, that of the first is done.</param>
    /// <param name="cancellation">Ends the waiting, not the work.</param>
    public Task RunAsync(string key, Func<Task> work, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (!_runs.TryGetValue(key, out Runs? runs))
                _runs.Add(key, runs = new Runs(Task.CompletedTask));
            Task next = runs.Next ??= AfterAsync(key, runs, work);
            return next.WaitAsync(cancellation);
        }
    }

    private async Task AfterAsync(string key, Runs runs, Func<Task> work)
    {
        // Let the caller note this run as the next before it begins.
        await Task.Yield();
        await runs.Current.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task current;
        lock (_lock)
        {
            (runs.Current, runs.Next) = (Task.Run(work), null);
            current = runs.Current;
        }

        try
        {
            await current.ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                if (runs.Current == current && runs.Next is null)
                    _runs.Remove(key);
            }
        }
    }

    private sealed class Runs(Task current)
    {
        public Task Current { get; set; } = current;

        public Task? Next { get; set; }
    }
}
