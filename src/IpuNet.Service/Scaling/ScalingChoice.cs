using IpuNet.Contract;

namespace IpuNet.Service.Scaling;

/// <summary>Chooses the cheapest plan with which no image waits too long on any of a set of days.</summary>
public static class ScalingChoice
{
    /// <summary>
    /// The assumed speed of a worker until it is measured: a T4 in the service. Both 200 images per second and a start of three minutes (a
    /// node, some gigabytes of container image, the models) are assumptions.
    /// </summary>
    public static WorkerSpeed Assumed { get; } = new(200, 180);

    /// <summary>The days that a plan must handle.</summary>
    public static IReadOnlyList<ArrivalPattern> Days { get; } =
    [
        ArrivalPattern.Burst("one image", 1, 240),
        ArrivalPattern.Now("1,000 images: 10 every 14 minutes", 10, 864, 240),
        ArrivalPattern.Burst("a folder of 1,000", 1_000, 240),
        ArrivalPattern.Burst("an archive of 100,000", 100_000, 900),
        ArrivalPattern.Now("100,000 images: 100 every 86 s", 100, 86, 240),
        ArrivalPattern.Burst("a backlog of 1,000,000", 1_000_000, 1_800),
        ArrivalPattern.Burst("the same in .zip files", 1_000_000, 1_800) with { ImagesPerMessage = FaceBatchMessage.MaxImages },
        ArrivalPattern.Cameras("10,000,000 images, by day and night", 10_000_000, 300),
    ];

    // Four polls a minute are few among the requests of a queue, and short compared with a cold start.
    private const int PollingSeconds = 15;

    private static readonly int[] MaxWorkers = [1, 2, 3, 4, 6, 8, 12, 16],
        Messages = [250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000], Cooldowns = [60, 300, 600];

    /// <summary>Chooses a plan.</summary>
    /// <param name="speed">The speed of a worker.</param>
    /// <param name="days">The days; all have the same weight.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>Null if no plan is fast enough.</returns>
    public static ScalingPlan? Choose(WorkerSpeed speed, IReadOnlyList<ArrivalPattern> days, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(days);
        return Candidates().AsParallel().WithCancellation(cancellation)
            .Select(plan => (Plan: plan, Cost: Cost(plan, speed, days)))
            .Where(choice => choice.Cost is not null)
            .OrderBy(choice => choice.Cost).ThenBy(choice => choice.Plan.MaxWorkers)
            .ThenByDescending(choice => choice.Plan.MessagesPerWorker).ThenBy(choice => choice.Plan.CooldownSeconds)
            .Select(choice => choice.Plan)
            .FirstOrDefault();
    }

    private static IEnumerable<ScalingPlan> Candidates() =>
        from most in MaxWorkers
        from messages in Messages
        from cooldown in Cooldowns
        select new ScalingPlan(most, messages, PollingSeconds, cooldown);

    // The cost in worker seconds; null if images wait too long.
    private static long? Cost(ScalingPlan plan, WorkerSpeed speed, IReadOnlyList<ArrivalPattern> days)
    {
        long cost = 0;
        foreach (ArrivalPattern day in days)
        {
            ScalingOutcome outcome = ScalingSimulation.Run(plan, speed, day);
            if (outcome.WaitSeconds > day.MostWaitSeconds)
                return null;
            cost += outcome.WorkerSeconds;
        }

        return cost;
    }
}

/// <summary>The scaling rule of the workers, by the length of the queue. The infrastructure uses these numbers.</summary>
/// <param name="MaxWorkers">The maximum number of workers, at least 1.</param>
/// <param name="MessagesPerWorker">The number of messages per worker, at least 1.</param>
/// <param name="PollingSeconds">The interval at which the queue is polled, in seconds.</param>
/// <param name="CooldownSeconds">How long the queue must be empty before the last worker stops, in seconds.</param>
public sealed record ScalingPlan(int MaxWorkers, int MessagesPerWorker, int PollingSeconds, int CooldownSeconds);

/// <summary>The speed of a worker.</summary>
/// <param name="ImagesPerSecond">The number of images that a worker processes per second, above 0.</param>
/// <param name="ColdStartSeconds">The time from the decision to start a worker until it processes images, in seconds.</param>
public sealed record WorkerSpeed(double ImagesPerSecond, int ColdStartSeconds);

/// <summary>The images that arrive in a day.</summary>
/// <param name="Name">The name of the pattern.</param>
/// <param name="At">Gives the number of images that arrive in each second of the day, from 0.</param>
/// <param name="MostWaitSeconds">The longest acceptable wait of 95 % of the images, in seconds.</param>
public sealed record ArrivalPattern(string Name, Func<int, double> At, int MostWaitSeconds)
{
    /// <summary>The number of seconds in a day.</summary>
    public const int Day = 86_400;

    /// <summary>The number of images per message: 1 for uploaded images, up to 32 for archives.</summary>
    public int ImagesPerMessage { get; init; } = 1;

    /// <summary>The number of images in the day.</summary>
    public double Images => Enumerable.Range(0, Day).Sum(At);

    /// <summary>All images arrive at once.</summary>
    public static ArrivalPattern Burst(string name, int images, int mostWaitSeconds) =>
        new(name, second => second == 0 ? images : 0, mostWaitSeconds);

    /// <summary>More images arrive by day than by night: at most 1.8 times and at least 0.2 times the mean.</summary>
    public static ArrivalPattern Cameras(string name, int images, int mostWaitSeconds) =>
        new(name, second => images / (double)Day * (1 - 0.8 * Math.Cos(2 * Math.PI * second / Day)), mostWaitSeconds);

    /// <summary>Some images arrive at regular intervals, all day.</summary>
    public static ArrivalPattern Now(string name, int images, int everySeconds, int mostWaitSeconds) =>
        new(name, second => second % everySeconds == 0 ? images : 0, mostWaitSeconds);
}

/// <summary>The outcome of a simulated day.</summary>
/// <param name="WorkerSeconds">The paid worker seconds, including starts.</param>
/// <param name="MostWorkers">The maximum number of workers at a time.</param>
/// <param name="WaitSeconds">The time within which 95 % of the images were processed, in seconds.</param>
/// <param name="LongestWaitSeconds">The longest wait of an image, in seconds.</param>
public sealed record ScalingOutcome(long WorkerSeconds, int MostWorkers, int WaitSeconds, int LongestWaitSeconds);
