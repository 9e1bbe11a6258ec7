using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace IpuNet.CommandLine.Terminals;

/// <summary>Shows progress on standard error: a bar on a terminal, otherwise a line now and then.</summary>
public static class ProgressDisplay
{
    private static readonly TimeSpan LeastBetweenLines = TimeSpan.FromSeconds(10);

    // The lines grow rarer, so that a run of days does not fill a log.
    private const double ShareBetweenLines = 0.1;

    /// <summary>Runs an action and shows its progress.</summary>
    /// <param name="terminal">The user's terminal.</param>
    /// <param name="what">What is counted, such as "images".</param>
    /// <param name="total">How many there are; 0 if that is not known yet.</param>
    /// <param name="run">The action; it reports its progress.</param>
    /// <param name="quiet">Whether to show nothing.</param>
    public static async Task<T> RunAsync<T>(
        Terminal terminal, string what, long total, Func<IProgress<ProgressCount>, Task<T>> run, bool quiet = false)
    {
        if (quiet)
            return await run(new CallBack(_ => { }));
        if (!terminal.ErrorConsole.Profile.Capabilities.Interactive || !terminal.ErrorConsole.Profile.Out.IsTerminal)
            return await run(new CallBack(Lines(terminal, what, total)));

        return await terminal.ErrorConsole.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(what), maxValue: Math.Max(1, total));
                return await run(new CallBack(count =>
                {
                    task.MaxValue = Math.Max(1, count.Total ?? total);
                    task.Value = count.Done;
                    task.Description = Markup.Escape(Describe(what, count, total));
                }));
            });
    }

    private static Action<ProgressCount> Lines(Terminal terminal, string what, long total)
    {
        var sinceStart = Stopwatch.StartNew();
        TimeSpan next = LeastBetweenLines;
        return count =>
        {
            if (sinceStart.Elapsed < next)
                return;
            TimeSpan pause = sinceStart.Elapsed * ShareBetweenLines;
            next = sinceStart.Elapsed + (pause > LeastBetweenLines ? pause : LeastBetweenLines);
            string speed = count.Detail is null ? $", {count.Done / sinceStart.Elapsed.TotalSeconds:0.#}/s" : "";
            terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{Describe(what, count, total)}{speed}"));
        };
    }

    private static string Describe(string what, ProgressCount count, long total) => string.Create(
        CultureInfo.InvariantCulture,
        $"{count.Done:N0} of {count.Total ?? total:N0} {what}{(count.Detail is null ? "" : $", {count.Detail}")}");

    // Progress<T> calls back later and on another thread, which would lose the last count.
    private sealed class CallBack(Action<ProgressCount> report) : IProgress<ProgressCount>
    {
        private readonly Lock _one = new();

        public void Report(ProgressCount value)
        {
            lock (_one)
                report(value);
        }
    }
}

/// <summary>A count of what is done.</summary>
/// <param name="Done">How many are done.</param>
/// <param name="Total">How many there are; null if that has not changed since the start.</param>
/// <param name="Detail">A text behind the count, such as a speed; null for none.</param>
public readonly record struct ProgressCount(long Done, long? Total = null, string? Detail = null);
