using Spectre.Console;

namespace IpuNet.CommandLine.Terminals;

/// <summary>Shows the state of something without an end: one changing line on a terminal, otherwise a line now and then.</summary>
public static class StatusLine
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(500), LeastBetweenLines = TimeSpan.FromSeconds(10);

    /// <summary>Shows a text on standard error until a task ends.</summary>
    /// <param name="terminal">The user's terminal.</param>
    /// <param name="text">Returns the text of the moment.</param>
    /// <param name="end">The task.</param>
    /// <param name="cancellation">Ends the display as well.</param>
    /// <exception cref="OperationCanceledException">The display was cancelled.</exception>
    public static async Task RunAsync(Terminal terminal, Func<string> text, Task end, CancellationToken cancellation)
    {
        if (terminal.ErrorConsole.Profile.Capabilities.Interactive && terminal.ErrorConsole.Profile.Out.IsTerminal)
        {
            await terminal.ErrorConsole.Status().StartAsync(Markup.Escape(text()), status =>
                RepeatAsync(() => status.Status(Markup.Escape(text())), Refresh, end, cancellation));
            return;
        }

        string last = text();
        await RepeatAsync(
            () =>
            {
                if (text() is { } now && now != last)
                    terminal.Note(last = now);
            },
            LeastBetweenLines,
            end,
            cancellation);
    }

    private static async Task RepeatAsync(Action show, TimeSpan pause, Task end, CancellationToken cancellation)
    {
        while (!end.IsCompleted)
        {
            await Task.WhenAny(end, Task.Delay(pause, cancellation));
            cancellation.ThrowIfCancellationRequested();
            show();
        }
    }
}
