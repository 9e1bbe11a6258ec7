using IpuNet.Contract;

namespace IpuNet.Training.Runs;

/// <summary>Tells how far a part of the work is.</summary>
/// <param name="done">How many are done.</param>
/// <param name="total">How many there are; null for as many as was said.</param>
/// <param name="detail">A text behind the count; null for none.</param>
public delegate void PartProgress(long done, long? total = null, string? detail = null);

/// <summary>Ways to tell.</summary>
public static class WorkReports
{
    /// <summary>Says a result.</summary>
    public static void Say(this IProgress<WorkReport> reports, string text) => reports.Tell(Importance.Result, text);

    /// <summary>Reports a note.</summary>
    public static void Note(this IProgress<WorkReport> reports, string text) => reports.Tell(Importance.Note, text);

    /// <summary>Reports a warning.</summary>
    public static void Warn(this IProgress<WorkReport> reports, string text) => reports.Tell(Importance.Warning, text);

    /// <summary>Reports an error.</summary>
    public static void Fail(this IProgress<WorkReport> reports, string text) => reports.Tell(Importance.Error, text);

    /// <summary>Runs a part of the work, and reports its progress.</summary>
    /// <param name="reports">Gets the reports.</param>
    /// <param name="what">What is counted.</param>
    /// <param name="total">How many there are; 0 if that is not known yet.</param>
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

/// <summary>A report of long work.</summary>
public abstract record WorkReport;

/// <summary>The progress of a part of the work.</summary>
/// <param name="What">What is counted, such as "faces read".</param>
/// <param name="Done">How many are done.</param>
/// <param name="Total">How many there are; 0 if that is not known yet.</param>
/// <param name="Detail">A text behind the count, such as a speed; null for none.</param>
public sealed record PartReport(string What, long Done, long Total, string? Detail = null) : WorkReport;

/// <summary>The part is at its end, done or not.</summary>
public sealed record PartEnd : WorkReport;

/// <summary>A validation of the network in training.</summary>
/// <param name="Result">The result.</param>
public sealed record ValidationReport(Training.ValidationResult Result) : WorkReport;

/// <summary>Something to be read.</summary>
/// <param name="Importance">The importance.</param>
/// <param name="Text">One line.</param>
public sealed record Message(Importance Importance, string Text) : WorkReport;

/// <summary>The importance of a message.</summary>
public enum Importance
{
    /// <summary>A result.</summary>
    Result,

    /// <summary>No result, but good to know.</summary>
    Note,

    /// <summary>A problem that does not stop the work.</summary>
    Warning,

    /// <summary>Something could not be done.</summary>
    Error,
}

/// <summary>Tells of files that a training or an evaluation leaves out: the first by name, all by number.</summary>
/// <param name="reports">Gets the reports.</param>
public sealed class UnreadableImages(IProgress<WorkReport> reports)
{
    private const int Shown = 20;
    private int _count;

    /// <summary>Whether there is one.</summary>
    public bool Any => _count > 0;

    /// <summary>Takes one; from any thread.</summary>
    public void Add(FaceDataException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (Interlocked.Increment(ref _count) <= Shown)
            reports.Warn(error.Message);
    }

    /// <summary>Says how many there were.</summary>
    public void Summarise()
    {
        if (_count > 0)
            reports.Warn(
                $"{_count:N0} images cannot be read and are left out{(_count > Shown ? $"; the first {Shown} are named above" : "")}.");
    }
}
