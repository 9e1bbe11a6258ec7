namespace IpuNet.Benchmarks.Life;

/// <summary>How a switch from one enhancer to another showed in the results.</summary>
/// <param name="Name">What it was.</param>
/// <param name="FirstNew">Seconds from the change until the first result of the new enhancer; null where there is none.</param>
/// <param name="LastFormer">Seconds until the last result of the former one; null where there is none after the change.</param>
internal sealed record ModelTurn(string Name, double? FirstNew, double? LastFormer)
{
    /// <summary>Seconds that a switch may take.</summary>
    public const int Limit = 30;

    /// <summary>Whether it took effect, and soon enough.</summary>
    public bool IsQuick => FirstNew <= Limit && LastFormer is null or <= Limit;

    /// <param name="name">What it was.</param>
    /// <param name="from">The former enhancer.</param>
    /// <param name="to">The new one.</param>
    /// <param name="at">When the models in use were changed.</param>
    /// <param name="until">When they were changed again.</param>
    /// <param name="results">All results.</param>
    public static ModelTurn Of(string name, string from, string to, DateTimeOffset at, DateTimeOffset until, IReadOnlyList<LifeResult> results)
    {
        // Storage says whole seconds, rounded down.
        var since = results.Where(result => result.Written >= at.AddSeconds(-1) && result.Written < until).ToLookup(result => result.Enhancer, result => (result.Written - at).TotalSeconds + 1);
        return new ModelTurn(name, since[to].Select(seconds => (double?)seconds).Min(), since[from].Select(seconds => (double?)seconds).Max());
    }
}
