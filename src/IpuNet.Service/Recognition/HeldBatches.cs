namespace IpuNet.Service.Recognition;

/// <summary>Knows which batches have messages in hand, and so who has to renew a batch's report: the last of them, or one now and then.</summary>
internal sealed class HeldBatches(TimeSpan interval, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (int Messages, long Renewed)> _batches = new(StringComparer.Ordinal);

    /// <summary>A message of a batch is taken in hand.</summary>
    public void Enter(string batch)
    {
        lock (_lock)
            _batches[batch] = _batches.TryGetValue(batch, out var held) ? (held.Messages + 1, held.Renewed) : (1, time.GetTimestamp());
    }

    /// <summary>A message of a batch is done.</summary>
    /// <returns>Whether the report is to be renewed before the message is ended.</returns>
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
