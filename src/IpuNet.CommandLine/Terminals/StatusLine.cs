using Spectre.Console;

namespace IpuNet.CommandLine.Terminals;

/// <summary>Shows how something without an end goes: one line that changes on a terminal, else a line now and then.</summary>
public static class StatusLine
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500), LeastBetweenLines = TimeSpan.FromSeconds(10);

    /// <summary>Shows a text on standard error until something has ended.</summary>
    /// <param name="terminal">Where.</param>
    /// <param name="text">Is asked for the text, time and again.</param>
    /// <param name="end">What ends it.</param>
    /// <param name="cancellation">Ends it too.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task RunAsync(Terminal terminal, Func<string> text, Task end, CancellationToken cancellation)
    {
        if (terminal.ErrorConsole.Profile.Capabilities.Interactive && terminal.ErrorConsole.Profile.Out.IsTerminal)
        {
            await terminal.ErrorConsole.Status().StartAsync(Markup.Escape(text()), status =>
                RepeatAsync(() => status.Status(Markup.Escape(text())), Look, end, cancellation));
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
