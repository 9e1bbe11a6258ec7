using System.CommandLine;

namespace IpuNet.CommandLine;

/// <summary>The option that every command has.</summary>
public static class VerboseOption
{
    private const string Name = "--verbose";

    /// <summary>Makes it, for a program's root.</summary>
    public static Option<bool> Create() => new(Name) { Description = "Say all that is known: what is logged, and where an error comes from.", Recursive = true };

    /// <summary>Whether it was given.</summary>
    public static bool IsOn(ParseResult parsed) => parsed.GetValue<bool>(Name);

    /// <summary>Whether it is among arguments that nobody has understood yet.</summary>
    public static bool IsIn(IEnumerable<string> arguments) => arguments.Contains(Name);
}
