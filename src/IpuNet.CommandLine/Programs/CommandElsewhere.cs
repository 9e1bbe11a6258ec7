using System.CommandLine;

namespace IpuNet.CommandLine.Programs;

/// <summary>A command that another program runs. That program gets the whole command line.</summary>
public sealed class CommandElsewhere : Command
{
    /// <param name="title">The command's name and description.</param>
    /// <param name="program">The program that runs it.</param>
    public CommandElsewhere(CommandTitle title, ProgramBeside program)
        : base(title.Name, title.Description)
    {
        Program = program;
        TreatUnmatchedTokensAsErrors = false;
    }

    /// <summary>The program that runs it.</summary>
    public ProgramBeside Program { get; }
}
