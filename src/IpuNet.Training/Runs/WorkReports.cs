using IpuNet.Contract;
using IpuNet.Faces.Reports;

namespace IpuNet.Training.Runs;

/// <summary>Reports the progress of a part of the work.</summary>
/// <param name="done">Number of items that are done.</param>
/// <param name="total">Number of all items; null for the number at the beginning of the part.</param>
/// <param name="detail">A text behind the count; null for none.</param>
public delegate void PartProgress(long done, long? total = null, string? detail = null);

/// <summary>Short ways to make reports.</summary>
public static class WorkReports
{
    /// <summary>Reports a result.</summary>
    public static void Say(this IProgress<WorkReport> reports, string text) => reports.Tell(Importance.Result, text);

    /// <summary>Reports a note.</summary>
    public static void Note(this IProgress<WorkReport> reports, string text) => reports.Tell(Importance.Note, text);

    /// <summary>Reports a warning.</summary>
    public static void Warn(this IProgress<WorkReport> reports, string text) => reports.Tell(Importance.Warning, text);

    /// <summary>Reports an error.</summary>
    public static void Fail(this IProgress<WorkReport> reports, string text) => reports.Tell(Importance.Error, text);

    /// <summary>Runs a part of the work, and reports its beginning, its progress and its end.</summary>
    /// <param name="reports">Gets the reports.</param>
    /// <param name="what">Name of the counted items, such as "faces read".</param>
    /// <param name="total">Number of all items; 0 if it is not known yet.</param>
    /// <param name="run">Does the work. It can report its progress from any thread.</param>
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

/// <summary>
/// Passes each report on at once, on the caller's thread. <see cref="Progress{T}"/> does so later, on another thread, and the last report
/// can get lost.
/// </summary>
/// <param name="call">Gets each report.</param>
public sealed class DirectProgress<T>(Action<T> call) : IProgress<T>
{
    /// <inheritdoc/>
    public void Report(T value) => call(value);
}

/// <summary>A report of long work.</summary>
public abstract record WorkReport;

/// <summary>The progress of a part of the work.</summary>
/// <param name="What">Name of the counted items, such as "faces read".</param>
/// <param name="Done">Number of items that are done.</param>
/// <param name="Total">Number of all items; 0 if it is not known yet.</param>
/// <param name="Detail">A text behind the count, such as a speed; null for none.</param>
public sealed record PartReport(string What, long Done, long Total, string? Detail = null) : WorkReport;

/// <summary>The end of a part of the work, whether it succeeded or failed.</summary>
public sealed record PartEnd : WorkReport;

/// <summary>A validation of the network in training.</summary>
/// <param name="Result">The result.</param>
public sealed record ValidationReport(Training.ValidationResult Result) : WorkReport;

/// <summary>A message for the user.</summary>
/// <param name="Importance">The importance.</param>
/// <param name="Text">The text, one line.</param>
public sealed record Message(Importance Importance, string Text) : WorkReport;

/// <summary>The importance of a message.</summary>
public enum Importance
{
    /// <summary>A result.</summary>
    Result,

    /// <summary>A fact that is not a result but good to know.</summary>
    Note,

    /// <summary>A problem that does not stop the work.</summary>
    Warning,

    /// <summary>A failure: something could not be done.</summary>
    Error,
}

/// <summary>Reports the files that the work leaves out: the first 20 by name, and the number of all.</summary>
/// <param name="reports">Gets the reports.</param>
public sealed class UnreadableImages(IProgress<WorkReport> reports)
{
    private const int Shown = 20;
    private int _count;

    /// <summary>Whether at least one file is left out.</summary>
    public bool Any => _count > 0;

    /// <summary>Adds a file. Thread-safe.</summary>
    public void Add(FaceDataException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (Interlocked.Increment(ref _count) <= Shown)
            reports.Warn(error.Message);
    }

    /// <summary>Reports the number of all files, if there are any.</summary>
    public void Summarise()
    {
        if (_count == 0)
            return;
        string named = _count > Shown ? $"; the first {Shown} are named above" : "";
        reports.Warn($"{Counted.Of(_count, "image cannot be read and is", "images cannot be read and are")} left out{named}.");
    }
}
