using System.CommandLine;

namespace IpuNet.CommandLine.Programs;

/// <summary>A command that another program does: it gets the whole command line as it is.</summary>
public sealed class CommandElsewhere : Command
{
    /// <param name="title">The command.</param>
    /// <param name="program">Who does it.</param>
    public CommandElsewhere(CommandTitle title, ProgramBeside program)
        : base(title.Name, title.Description)
    {
        Program = program;
        TreatUnmatchedTokensAsErrors = false;
    }

    /// <summary>Who does it.</summary>
    public ProgramBeside Program { get; }
}
