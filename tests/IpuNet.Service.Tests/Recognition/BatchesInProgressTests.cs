using IpuNet.Service.Recognition;
using Microsoft.Extensions.Time.Testing;

namespace IpuNet.Service.Tests.Recognition;

public sealed class BatchesInProgressTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private readonly BatchesInProgress _inProgress;

    public BatchesInProgressTests() => _inProgress = new BatchesInProgress(Interval, _time);

    [Fact]
    public void Leave_ByTheLastOfABatch_IsToRenew()
    {
        _inProgress.Enter("a");
        _inProgress.Enter("a");
        _inProgress.Enter("b");

        _inProgress.Leave("a").ShouldBeFalse();
        _inProgress.Leave("b").ShouldBeTrue();
        _inProgress.Leave("a").ShouldBeTrue();
    }

    [Fact]
    public void Leave_WithOthersInHandForLong_IsToRenewOnceInAnInterval()
    {
        for (int i = 0; i < 4; i++)
            _inProgress.Enter("a");

        _time.Advance(Interval);
        _inProgress.Leave("a").ShouldBeTrue();
        _inProgress.Leave("a").ShouldBeFalse();
        _time.Advance(Interval);
        _inProgress.Leave("a").ShouldBeTrue();
    }

    [Fact]
    public void Leave_OfABatchThatCameBack_CountsAnew()
    {
        _inProgress.Enter("a");
        _inProgress.Leave("a");
        _time.Advance(Interval);
        _inProgress.Enter("a");
        _inProgress.Enter("a");

        _inProgress.Leave("a").ShouldBeFalse();
    }
}
