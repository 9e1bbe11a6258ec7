using IpuNet.Service.Hosting;

namespace IpuNet.CommandLine;

/// <summary>Exit codes of every command.</summary>
public static class ExitCode
{
    /// <summary>Everything was done.</summary>
    public const int Done = 0;

    /// <summary>Something failed; standard error says what and why.</summary>
    public const int SomeFailed = 1;

    /// <summary>The command line is wrong, or names nothing to do.</summary>
    public const int Usage = 2;

    /// <summary>
    /// Nothing failed, but the question has no positive answer: two faces are not shown to be one person's, or a benchmark could not
    /// measure a switch of models.
    /// </summary>
    public const int NotShown = 3;

    /// <summary>The program has a bug; standard error says which.</summary>
    public const int Internal = Failure.InternalExitCode;

    /// <summary>Ctrl-C or SIGTERM stopped the command: 128 plus the number of SIGINT, as in shells.</summary>
    public const int Stopped = 130;
}

/// <summary>The command line is wrong, or names nothing to do.</summary>
public sealed class UsageException(string message) : Exception(message);
