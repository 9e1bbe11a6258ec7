using CsCheck;
using IpuNet.Benchmarks.Stages;

namespace IpuNet.Benchmarks.Tests.Stages;

public class OnnxTimeTests
{
    private const int Longest = 60;

    [Fact]
    public void Covered_AnyRuns_CountsEachMomentOnce() => Gen.Select(Gen.Int[0, Longest], Gen.Int[0, Longest]).Array[0, 12].Sample(runs =>
    {
        int moments = Enumerable.Range(0, 2 * Longest).Count(
            moment => runs.Any(run => moment >= run.Item1 && moment < run.Item1 + run.Item2));

        OnnxTime.Covered(runs.Select(run => ((long)run.Item1, (long)run.Item1 + run.Item2))).ShouldBe(moments);
    });
}
