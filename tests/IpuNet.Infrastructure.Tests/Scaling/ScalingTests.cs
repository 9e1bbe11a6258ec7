using System.Text.Json.Nodes;
using IpuNet.Infrastructure.Tests.Bicep;
using IpuNet.Service.Scaling;

namespace IpuNet.Infrastructure.Tests.Scaling;

public sealed class ScalingTests
{
    private static readonly WorkerSpeed Speed = new(100, 60);
    private static readonly ScalingPlan Plan = new(MaxWorkers: 8, MessagesPerWorker: 1_000, PollingSeconds: 10, CooldownSeconds: 300);

    [Fact]
    public async Task Infrastructure_HasTheNumbersThatTheSimulationChooses()
    {
        JsonObject parameters = (await BicepCompiler.MainAsync())["parameters"]!.AsObject();

        ScalingPlan chosen = ScalingChoice.Choose(ScalingChoice.Assumed, ScalingChoice.Days, TestContext.Current.CancellationToken)!;

        new ScalingPlan(
            Default("maxWorkers"), Default("messagesPerWorker"), Default("scalePollingSeconds"),
            Default("scaleCooldownSeconds")).ShouldBe(chosen);

        int Default(string parameter) => parameters[parameter]!["defaultValue"]!.GetValue<int>();
    }

    // One start of 60 s and one cooldown of 300 s. The queue is checked every 10 s.
    [Fact]
    public void Run_OfAFewImages_PaysForOneStartAndOneCooldown()
    {
        ScalingOutcome outcome = ScalingSimulation.Run(Plan, Speed, ArrivalPattern.Burst("few", 100, 0));

        outcome.MostWorkers.ShouldBe(1);
        outcome.LongestWaitSeconds.ShouldBe(60);
        outcome.WorkerSeconds.ShouldBeInRange(60 + 300, 60 + 300 + 20);
    }

    [Fact]
    public void Run_OfABurst_TakesOneThenFourThenTwiceAsMany()
    {
        // 8 workers are requested: 1 at 0 s, 4 at 10 s, 8 at 20 s. They work from 60, 70 and 80 s on.
        ScalingOutcome outcome = ScalingSimulation.Run(Plan, Speed, ArrivalPattern.Burst("many", 80_000, 0));

        outcome.MostWorkers.ShouldBe(8);
        // 1,000 images are done at 70 s and 4,000 more at 80 s. The other 75,000 take 800 images/s.
        outcome.LongestWaitSeconds.ShouldBeInRange(80 + 93, 80 + 95);
    }

    [Fact]
    public void Run_WithinItsMost_HasNoMoreWorkers() =>
        ScalingSimulation.Run(Plan with { MaxWorkers = 3 }, Speed, ArrivalPattern.Burst("many", 80_000, 0)).MostWorkers.ShouldBe(3);

    [Fact]
    public void Run_OfMessagesOfManyImages_CountsMessages() =>
        ScalingSimulation.Run(
            Plan, Speed, ArrivalPattern.Burst("archives", 80_000, 0) with { ImagesPerMessage = 32 }).MostWorkers.ShouldBe(3);

    [Fact]
    public void Run_OfNothing_CostsNothing() =>
        ScalingSimulation.Run(Plan, Speed, ArrivalPattern.Burst("none", 0, 0)).ShouldBe(new ScalingOutcome(0, 0, 0, 0));

    [Fact]
    public void Run_OfAWholeDay_WorksOffEveryImageInTime()
    {
        ArrivalPattern day = ArrivalPattern.Cameras("cameras", 8_640_000, 0);

        ScalingOutcome outcome = ScalingSimulation.Run(Plan, Speed, day);

        // At least the worker seconds that the images take.
        outcome.WorkerSeconds.ShouldBeGreaterThan((long)(day.Images / Speed.ImagesPerSecond));
        outcome.WaitSeconds.ShouldBeLessThan(120);
    }

    [Fact]
    public void Choose_WhereNothingIsQuickEnough_IsNull() =>
        ScalingChoice.Choose(new WorkerSpeed(1, 3600), ScalingChoice.Days, TestContext.Current.CancellationToken).ShouldBeNull();
}
