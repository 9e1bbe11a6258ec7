namespace IpuNet.Service.Recognition;

/// <summary>
/// Counts the messages in progress per batch, and so decides when a batch's report is renewed: after the last message, and at intervals.
/// </summary>
internal sealed class BatchesInProgress(TimeSpan interval, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (int Messages, long Renewed)> _batches = new(StringComparer.Ordinal);

    /// <summary>Records that a message of a batch is in progress.</summary>
    public void Enter(string batch)
    {
        lock (_lock)
            _batches[batch] = _batches.TryGetValue(batch, out var known) ? (known.Messages + 1, known.Renewed) : (1, time.GetTimestamp());
    }

    /// <summary>Records that a message of a batch is done.</summary>
    /// <returns>Whether the report must be renewed before the message is ended.</returns>
    public bool Leave(string batch)
    {
        lock (_lock)
        {
            var (messages, renewed) = _batches[batch];
            if (messages == 1)
                return _batches.Remove(batch);
            bool isDue = time.GetElapsedTime(renewed) >= interval;
            _batches[batch] = (messages - 1, isDue ? time.GetTimestamp() : renewed);
            return isDue;
        }
    }
}
