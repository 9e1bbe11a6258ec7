using IpuNet.Service.Messages;

namespace IpuNet.Service.Scaling;

/// <summary>Chooses a plan: the one that costs least of those with which nobody waits too long on any of some days.</summary>
public static class ScalingChoice
{
    /// <summary>
    /// What a worker is taken for until it is measured: a T4 with the service around it. 200 images a second is an assumption, and a start of three
    /// minutes is one, too: a node, some gigabytes of image, and the models.
    /// </summary>
    public static WorkerSpeed Assumed { get; } = new(200, 180);

    /// <summary>Days that have to go well.</summary>
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

    // Four looks a minute are few among the requests that a queue gets, and a fraction of a cold start.
    private const int PollingSeconds = 15;

    private static readonly int[] MaxWorkers = [1, 2, 3, 4, 6, 8, 12, 16], Messages = [250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000], Cooldowns = [60, 300, 600];

    /// <summary>Chooses.</summary>
    /// <param name="speed">What a worker is.</param>
    /// <param name="days">The days; they count the same.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Null where no plan is quick enough.</returns>
    public static ScalingPlan? Choose(WorkerSpeed speed, IReadOnlyList<ArrivalPattern> days, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(days);
        return Candidates().AsParallel().WithCancellation(cancellation)
            .Select(plan => (Plan: plan, Cost: Cost(plan, speed, days)))
            .Where(choice => choice.Cost is not null)
            .OrderBy(choice => choice.Cost).ThenBy(choice => choice.Plan.MaxWorkers).ThenByDescending(choice => choice.Plan.MessagesPerWorker).ThenBy(choice => choice.Plan.CooldownSeconds)
            .Select(choice => choice.Plan)
            .FirstOrDefault();
    }

    private static IEnumerable<ScalingPlan> Candidates() =>
        from most in MaxWorkers
        from messages in Messages
        from cooldown in Cooldowns
        select new ScalingPlan(most, messages, PollingSeconds, cooldown);

    // Seconds of workers; null where somebody waits too long.
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
