using IpuNet.Service.Hosting;

namespace IpuNet.CommandLine;

/// <summary>What the process tells the shell.</summary>
public static class ExitCode
{
    /// <summary>All is done.</summary>
    public const int Done = 0;

    /// <summary>Something was not done; standard error says what and why.</summary>
    public const int SomeFailed = 1;

    /// <summary>The command cannot be understood, or there is nothing to do.</summary>
    public const int Usage = 2;

    /// <summary>What was to be measured did not come about; what did was as it has to be.</summary>
    public const int NotSeen = 3;

    /// <summary>A mistake of the program itself; standard error says which.</summary>
    public const int Internal = Failure.InternalExitCode;

    /// <summary>Stopped by Ctrl-C or SIGTERM: 128 and the number of SIGINT, as shells have it.</summary>
    public const int Stopped = 130;
}
