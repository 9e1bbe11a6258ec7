using IpuNet.Service.Recognition;
using Microsoft.Extensions.Time.Testing;

namespace IpuNet.Service.Tests.Recognition;

public sealed class BatchesInProgressTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private readonly BatchesInProgress _held;

    public BatchesInProgressTests() => _held = new BatchesInProgress(Interval, _time);

    [Fact]
    public void Leave_ByTheLastOfABatch_IsToRenew()
    {
        _held.Enter("a");
        _held.Enter("a");
        _held.Enter("b");

        _held.Leave("a").ShouldBeFalse();
        _held.Leave("b").ShouldBeTrue();
        _held.Leave("a").ShouldBeTrue();
    }

    [Fact]
    public void Leave_WithOthersInHandForLong_IsToRenewOnceInAnInterval()
    {
        for (int i = 0; i < 4; i++)
            _held.Enter("a");

        _time.Advance(Interval);
        _held.Leave("a").ShouldBeTrue();
        _held.Leave("a").ShouldBeFalse();
        _time.Advance(Interval);
        _held.Leave("a").ShouldBeTrue();
    }

    [Fact]
    public void Leave_OfABatchThatCameBack_CountsAnew()
    {
        _held.Enter("a");
        _held.Leave("a");
        _time.Advance(Interval);
        _held.Enter("a");
        _held.Enter("a");

        _held.Leave("a").ShouldBeFalse();
    }
}
