namespace IpuNet.Benchmarks.Life;

/// <summary>A switch from one enhancer to another, as the results show it.</summary>
/// <param name="Name">"promotion" or "rollback".</param>
/// <param name="FirstNew">Seconds from the change to the first result of the new enhancer; null if there is none.</param>
/// <param name="LastFormer">Seconds from the change to the last result of the former enhancer; null if there is none after it.</param>
internal sealed record SwitchTimes(string Name, double? FirstNew, double? LastFormer)
{
    /// <summary>The limit of a switch, seconds.</summary>
    public const int Limit = 30;

    /// <summary>Whether the switch took effect within the limit.</summary>
    public bool IsInTime => FirstNew <= Limit && LastFormer is null or <= Limit;

    /// <summary>Finds the times of a switch in the results.</summary>
    /// <param name="name">"promotion" or "rollback".</param>
    /// <param name="from">The former enhancer.</param>
    /// <param name="to">The new one.</param>
    /// <param name="at">Time of the change.</param>
    /// <param name="until">Time of the next change.</param>
    /// <param name="results">All results.</param>
    public static SwitchTimes Of(
        string name, string from, string to, DateTimeOffset at, DateTimeOffset until, IReadOnlyList<LifeResult> results)
    {
        // Storage rounds times down to whole seconds.
        var since = results.Where(result => result.Written >= at.AddSeconds(-1) && result.Written < until).ToLookup(
            result => result.Enhancer, result => (result.Written - at).TotalSeconds + 1);
        return new SwitchTimes(
            name, since[to].Select(seconds => (double?)seconds).Min(), since[from].Select(seconds => (double?)seconds).Max());
    }
}
