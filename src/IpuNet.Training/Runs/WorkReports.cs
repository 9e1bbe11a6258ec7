namespace IpuNet.Training.Runs;

/// <summary>Tells how far a part of the work is.</summary>
/// <param name="done">How many are done.</param>
/// <param name="total">How many there are; null for as many as was said.</param>
/// <param name="detail">What else is of interest; null for nothing.</param>
public delegate void PartProgress(long done, long? total = null, string? detail = null);

/// <summary>Ways to tell.</summary>
public static class WorkReports
{
    /// <summary>Says a result.</summary>
    public static void Say(this IProgress<WorkReport> reports, string text) => reports.Tell(Importance.Result, text);

    /// <summary>Says what is no result.</summary>
    public static void Note(this IProgress<WorkReport> reports, string text) => reports.Tell(Importance.Note, text);

    /// <summary>Says what is not as it should be.</summary>
    public static void Warn(this IProgress<WorkReport> reports, string text) => reports.Tell(Importance.Warning, text);

    /// <summary>Says what could not be done.</summary>
    public static void Fail(this IProgress<WorkReport> reports, string text) => reports.Tell(Importance.Error, text);

    /// <summary>Does a part of the work and tells how far it is, from its beginning to its end.</summary>
    /// <param name="reports">Is told.</param>
    /// <param name="what">What is counted.</param>
    /// <param name="total">How many there are; 0 where that is not known yet.</param>
    /// <param name="run">Does it; it may tell from any thread.</param>
    public static async Task<T> DoPartAsync<T>(this IProgress<WorkReport> reports, string what, long total, Func<PartProgress, Task<T>> run)
    {
        ArgumentNullException.ThrowIfNull(reports);
        ArgumentNullException.ThrowIfNull(run);
        reports.Report(new PartReport(what, 0, total));
        try
        {
            return await run((done, all, detail) => reports.Report(new PartReport(what, done, all ?? total, detail))).ConfigureAwait(false);
        }
        finally
        {
            reports.Report(new PartEnd());
        }
    }

    private static void Tell(this IProgress<WorkReport> reports, Importance importance, string text)
    {
        ArgumentNullException.ThrowIfNull(reports);
        reports.Report(new Message(importance, text));
    }
}

/// <summary>Calls at once and on the caller's thread, unlike <see cref="Progress{T}"/>, so that the last report is not lost.</summary>
/// <param name="call">What is called.</param>
public sealed class DirectProgress<T>(Action<T> call) : IProgress<T>
{
    /// <inheritdoc/>
    public void Report(T value) => call(value);
}
