using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace IpuNet.CommandLine.Terminals;

/// <summary>Shows how far something long is: a bar on a terminal, else a plain line now and then.</summary>
public static class ProgressDisplay
{
    private static readonly TimeSpan LeastBetweenLines = TimeSpan.FromSeconds(10);

    // So that a run of days does not fill a log.
    private const double ShareBetweenLines = 0.1;

    /// <summary>Runs something and shows its progress on standard error.</summary>
    /// <param name="terminal">Where.</param>
    /// <param name="what">What is counted, such as "images".</param>
    /// <param name="total">How many there are; 0 where that is not known yet.</param>
    /// <param name="run">Is given what to tell the progress to.</param>
    /// <param name="quiet">Whether nothing is shown.</param>
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
        CultureInfo.InvariantCulture, $"{count.Done:N0} of {count.Total ?? total:N0} {what}{(count.Detail is null ? "" : $", {count.Detail}")}");

    // Unlike Progress<T> it calls at once and on the caller's thread, so that the last count is not lost.
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

/// <summary>How far something is.</summary>
/// <param name="Done">How many are done.</param>
/// <param name="Total">How many there are; null for as many as was said.</param>
/// <param name="Detail">What else is of interest, such as a speed.</param>
public readonly record struct ProgressCount(long Done, long? Total = null, string? Detail = null);
