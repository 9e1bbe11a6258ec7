using System.CommandLine;

namespace IpuNet.CommandLine.Programs;

/// <summary>The former place of a command. Whatever follows it, it is an error that names the new place.</summary>
public sealed class MovedCommand : Command
{
    /// <param name="name">The former name.</param>
    /// <param name="use">The command that does it now, such as "ipunet registry promote".</param>
    public MovedCommand(string name, string use)
        : base(name, $"Use `{use}`.")
    {
        Use = use;
        Hidden = true;
        TreatUnmatchedTokensAsErrors = false;
        // With an action, a command without one of its own is not asked for.
        SetAction(_ => ExitCode.Usage);
    }

    /// <summary>The command that does it now.</summary>
    public string Use { get; }
}

/// <summary>An option that a command had once. It is an error that names the command that has it now.</summary>
public sealed class MovedOption : Option<string?>
{
    /// <param name="name">The option's name.</param>
    /// <param name="use">The command that has it now.</param>
    public MovedOption(string name, string use)
        : base(name)
    {
        Use = use;
        Hidden = true;
        Arity = ArgumentArity.ZeroOrOne;
    }

    /// <summary>The command that has it now.</summary>
    public string Use { get; }
}
