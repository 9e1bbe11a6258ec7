using CsCheck;
using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Tests.Evaluation.Metrics;

public sealed class FarThresholdTests
{
    private static readonly Gen<float[]> Scores = Gen.Int[-4, 4].Select(i => i / 4f).Array[1, 30];

    [Theory]
    [InlineData(0.2, 0.8f)]
    [InlineData(0.4, 0.7f)]
    [InlineData(0.1, 0.9f)]
    public void Of_TenImpostors_LiesJustAboveTheFirstThatIsRefused(double far, float highestRefused)
    {
        float[] impostors = [0.1f, 0.9f, 0.3f, 0.8f, 0.8f, 0.7f, 0.2f, 0.95f, 0.4f, 0.5f];

        // At 0.4 four may pass (0.95, 0.9, and both at 0.8); at 0.2 and 0.1 as many as are above.
        FarThreshold.Of(impostors, far).ShouldBe(MathF.BitIncrement(highestRefused));
    }

    [Fact]
    public void Of_TieAtTheLimit_RefusesBoth()
    {
        float threshold = FarThreshold.Of([0.9f, 0.9f, 0.1f, 0.1f], 0.25);

        threshold.ShouldBeGreaterThan(0.9f);
    }

    [Fact]
    public void Of_AnyScores_AgreesWithTheRocCurve() =>
        Gen.Select(Scores, Scores, Gen.Double[0, 1]).Sample((genuine, impostor, far) =>
        {
            float threshold = FarThreshold.Of(impostor, far);
            double tar = (double)genuine.Count(s => s >= threshold) / genuine.Length;
            return tar == RocCurve.From(genuine, impostor).AtFar(far).Tar;
        });

    [Fact]
    public void Of_EverythingAllowed_AcceptsEverything() =>
        FarThreshold.Of([0.5f, 0.1f], 1).ShouldBe(float.NegativeInfinity);

    [Theory]
    [InlineData(500, 0.001, false)]
    [InlineData(1000, 0.001, true)]
    [InlineData(100, 0.29, true)]
    public void IsMeasurable_Counts_NeedOneAllowedAcceptance(int impostors, double far, bool measurable) =>
        FarThreshold.IsMeasurable(impostors, far).ShouldBe(measurable);

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.5)]
    public void Of_RateOutsideZeroToOne_Throws(double far) =>
        Should.Throw<ArgumentOutOfRangeException>(() => FarThreshold.Of([1f], far));
}
