using System.Runtime.InteropServices;

namespace IpuNet.Service.Scaling;

/// <summary>
/// Simulates a day second by second, by the rules of Azure Container Apps. At each poll, the wanted number of workers follows from the
/// number of messages. The first step starts one worker; later steps go at most to four workers or twice the present number. Workers stop
/// after they were not wanted for five minutes, and the last one stops after the cooldown.
/// </summary>
public sealed class ScalingSimulation
{
    private const int StabilisationSeconds = 300, LeastStep = 4, Percentile = 95;

    // The tolerance for rounding, in images.
    private const double Nothing = 1e-6;

    private readonly ScalingPlan _plan;
    private readonly WorkerSpeed _speed;
    private readonly int _imagesPerMessage;
    private readonly LinkedList<(int Second, double Images)> _waiting = new();
    private readonly Queue<(int Second, int Wanted)> _wanted = new();
    private readonly Dictionary<int, double> _waits = [];

    // The second at which each worker begins to process images.
    private readonly List<int> _workers = [];
    private double _queued;
    private int _lastBusy;

    private ScalingSimulation(ScalingPlan plan, WorkerSpeed speed, int imagesPerMessage) =>
        (_plan, _speed, _imagesPerMessage) = (plan, speed, imagesPerMessage);

    /// <summary>Simulates a day, and the work that is left after midnight.</summary>
    public static ScalingOutcome Run(ScalingPlan plan, WorkerSpeed speed, ArrivalPattern pattern)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(speed);
        ArgumentNullException.ThrowIfNull(pattern);
        return new ScalingSimulation(plan, speed, pattern.ImagesPerMessage).Play(pattern);
    }

    private ScalingOutcome Play(ArrivalPattern pattern)
    {
        long paid = 0;
        int most = 0;
        for (int second = 0; second < ArrivalPattern.Day || _workers.Count > 0 || _waiting.Count > 0; second++)
        {
            if (second < ArrivalPattern.Day && pattern.At(second) is > 0 and var images)
                Arrive(second, images);
            if (second % _plan.PollingSeconds == 0)
                Scale(second);
            if (_waiting.Count > 0)
                Work(second);
            paid += _workers.Count;
            most = Math.Max(most, _workers.Count);
        }

        return new ScalingOutcome(paid, most, Wait(Percentile), _waits.Count == 0 ? 0 : _waits.Keys.Max());
    }

    private void Arrive(int second, double images)
    {
        _waiting.AddLast((second, images));
        _queued += images;
    }

    private void Scale(int second)
    {
        bool isEmpty = _waiting.Count == 0;
        if (!isEmpty)
            _lastBusy = second;
        int wanted = isEmpty ? 0 : Math.Clamp(
            (int)Math.Ceiling(_queued / _imagesPerMessage / _plan.MessagesPerWorker), 1, _plan.MaxWorkers);
        _wanted.Enqueue((second, wanted));
        while (_wanted.Peek().Second < second - StabilisationSeconds)
            _wanted.Dequeue();
        int step = _workers.Count == 0 ? 1 : Math.Max(LeastStep, 2 * _workers.Count);
        for (int target = Math.Min(wanted, step); _workers.Count < target;)
            _workers.Add(second + _speed.ColdStartSeconds);
        int kept = second - _lastBusy >= _plan.CooldownSeconds ? 0 : Math.Max(1, _wanted.Max(poll => poll.Wanted));
        if (_workers.Count > kept)
            _workers.RemoveRange(kept, _workers.Count - kept);
    }

    private void Work(int second)
    {
        int ready = 0;
        foreach (int start in _workers)
            ready += start <= second ? 1 : 0;
        double can = ready * _speed.ImagesPerSecond;
        while (can > 0 && _waiting.First is { } next)
        {
            double done = Math.Min(can, next.Value.Images);
            CollectionsMarshal.GetValueRefOrAddDefault(_waits, second - next.Value.Second, out _) += done;
            (can, _queued) = (can - done, _queued - done);
            if (next.Value.Images - done > Nothing)
                next.Value = (next.Value.Second, next.Value.Images - done);
            else
                _waiting.RemoveFirst();
        }
    }

    private int Wait(int percent)
    {
        KeyValuePair<int, double>[] waits = [.. _waits.OrderBy(wait => wait.Key)];
        double left = waits.Sum(wait => wait.Value) * percent / 100;
        foreach (var (wait, images) in waits)
        {
            left -= images;
            if (left <= 0)
                return wait;
        }

        return 0;
    }
}
