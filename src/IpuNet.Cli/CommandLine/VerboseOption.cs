using System.CommandLine;

namespace IpuNet.Cli.CommandLine;

/// <summary>The option that every command has.</summary>
internal static class VerboseOption
{
    private const string Name = "--verbose";

    public static Option<bool> Create() => new(Name) { Description = "Say all that is known: what is logged, and where an error comes from.", Recursive = true };

    public static bool IsOn(ParseResult parsed) => parsed.GetValue<bool>(Name);

    /// <summary>Whether it is among arguments that nobody has understood yet.</summary>
    public static bool IsIn(IEnumerable<string> arguments) => arguments.Contains(Name);
}
