namespace IpuNet.Service.Scaling;

/// <summary>How workers come and go by the length of the queue; the numbers of the infrastructure.</summary>
/// <param name="MaxWorkers">Most workers, at least 1.</param>
/// <param name="MessagesPerWorker">Messages for which there is a worker, at least 1.</param>
/// <param name="PollingSeconds">How often the queue is looked at, seconds.</param>
/// <param name="CooldownSeconds">For how long it has to be empty before the last worker goes, seconds.</param>
public sealed record ScalingPlan(int MaxWorkers, int MessagesPerWorker, int PollingSeconds, int CooldownSeconds);

/// <summary>What a worker is.</summary>
/// <param name="ImagesPerSecond">Images that it works off in a second, above 0.</param>
/// <param name="ColdStartSeconds">From the decision that there be one until it works off images, seconds.</param>
public sealed record WorkerSpeed(double ImagesPerSecond, int ColdStartSeconds);

/// <summary>Images that come in a day.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="At">How many come in each second of the day, from 0.</param>
/// <param name="MostWaitSeconds">How long all but a twentieth of them may wait, seconds.</param>
public sealed record ArrivalPattern(string Name, Func<int, double> At, int MostWaitSeconds)
{
    /// <summary>Seconds of a day.</summary>
    public const int Day = 86_400;

    /// <summary>Images of a message, of which the queue's length is: one where images are uploaded, up to 32 where archives are.</summary>
    public int ImagesPerMessage { get; init; } = 1;

    /// <summary>Images of the day.</summary>
    public double Images => Enumerable.Range(0, Day).Sum(At);

    /// <summary>All at once.</summary>
    public static ArrivalPattern Burst(string name, int images, int mostWaitSeconds) => new(name, second => second == 0 ? images : 0, mostWaitSeconds);

    /// <summary>By day more than by night: 1.8 times the mean at most, and 0.2 times at least.</summary>
    public static ArrivalPattern Cameras(string name, int images, int mostWaitSeconds) =>
        new(name, second => images / (double)Day * (1 - 0.8 * Math.Cos(2 * Math.PI * second / Day)), mostWaitSeconds);

    /// <summary>Some at a time, all day.</summary>
    public static ArrivalPattern Now(string name, int images, int everySeconds, int mostWaitSeconds) =>
        new(name, second => second % everySeconds == 0 ? images : 0, mostWaitSeconds);
}

/// <summary>What a day came to.</summary>
/// <param name="WorkerSeconds">Seconds of workers that are paid for, their starts included.</param>
/// <param name="MostWorkers">Most workers at a time.</param>
/// <param name="WaitSeconds">How long all but a twentieth of the images waited, seconds.</param>
/// <param name="LongestWaitSeconds">How long the last one waited, seconds.</param>
public sealed record ScalingOutcome(long WorkerSeconds, int MostWorkers, int WaitSeconds, int LongestWaitSeconds);
