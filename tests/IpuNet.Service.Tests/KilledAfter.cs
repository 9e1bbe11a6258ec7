using Azure.Core;
using Azure.Core.Pipeline;

namespace IpuNet.Service.Tests;

/// <summary>
/// Lets a number of requests to storage pass, and no more: this is all that storage sees of a process that is then killed.
/// </summary>
internal sealed class KilledAfter(int requests) : HttpPipelinePolicy
{
    private int _sent;

    /// <summary>Whether a request was stopped.</summary>
    public bool HasHappened => _sent > requests;

    public override ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        Interlocked.Increment(ref _sent) <= requests
        ? ProcessNextAsync(message, pipeline)
        : throw new OperationCanceledException("The process is killed.");

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException();
}
