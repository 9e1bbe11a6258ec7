using Microsoft.Extensions.Logging;

namespace IpuNet.CommandLine.Terminals;

/// <summary>Shows the log on standard error: warnings and errors, or more with <paramref name="verbose"/>.</summary>
/// <param name="terminal">The user's terminal.</param>
/// <param name="verbose">
/// Whether to show more: the product's own entries from <see cref="LogLevel.Debug"/> on, others from <see cref="LogLevel.Information"/> on.
/// </param>
public sealed class TerminalLogs(Terminal terminal, bool verbose) : ILoggerProvider
{
    // Debug entries of other libraries are too many to read.
    private const string Own = nameof(IpuNet);

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(
        terminal, categoryName, verbose,
        !verbose ? LogLevel.Warning : categoryName.StartsWith(Own, StringComparison.Ordinal) ? LogLevel.Debug : LogLevel.Information);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class Logger(Terminal terminal, string category, bool verbose, LogLevel least) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least && logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            string text = formatter(state, exception);
            if (exception is not null)
                text = verbose ? $"{text}{Environment.NewLine}{exception}" : $"{text} {exception.Message.Split('\n')[0].TrimEnd()}";
            if (logLevel >= LogLevel.Error)
                terminal.Fail(text);
            else if (logLevel == LogLevel.Warning)
                terminal.Warn(text);
            else
                terminal.Note($"{category}: {text}");
        }
    }
}
