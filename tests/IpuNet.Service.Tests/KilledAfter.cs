using Azure.Core;
using Azure.Core.Pipeline;

namespace IpuNet.Service.Tests;

/// <summary>Lets so many requests to storage through, and none afterwards: all that storage ever sees of a process that is killed then.</summary>
internal sealed class KilledAfter(int requests) : HttpPipelinePolicy
{
    private int _sent;

    /// <summary>Whether there was a request that was not let through.</summary>
    public bool HasHappened => _sent > requests;

    public override ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => Interlocked.Increment(ref _sent) <= requests
        ? ProcessNextAsync(message, pipeline)
        : throw new OperationCanceledException("The process is killed.");

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException();
}
