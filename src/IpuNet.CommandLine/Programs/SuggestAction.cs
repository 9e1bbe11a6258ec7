using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;

namespace IpuNet.CommandLine.Programs;

/// <summary>
/// Completes a command line for a shell: commands and values first, then the command's own options, then those of every command. Other
/// names of the same, such as -h and /?, are left out.
/// </summary>
internal sealed class SuggestAction(SuggestDirective directive) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        string line = parseResult.Tokens.LastOrDefault(token => token.Type != TokenType.Directive)?.Value ?? "";
        string? cursor = parseResult.GetResult(directive)?.Values is [var value, ..] ? value : null;
        int at = int.TryParse(cursor, CultureInfo.InvariantCulture, out int position)
            ? Math.Max(0, position)
            : line.Length;
        // Some shells leave out the blanks before the cursor.
        ParseResult begun = parseResult.RootCommandResult.Command.Parse(line.PadRight(at)[..at]);
        Command root = parseResult.RootCommandResult.Command;
        Option[] everywhere = [.. root.Options.Where(option => option.Recursive || option is VersionOption)];
        Command command = begun.CommandResult.Command;
        IEnumerable<Symbol> symbols = [.. command.Subcommands, .. command.Options, .. everywhere];
        HashSet<string> otherNames = [.. symbols.SelectMany(AliasesOf)];
        foreach (string completion in begun.GetCompletions(at).Select(item => item.InsertText ?? item.Label)
            .Where(completion => !otherNames.Contains(completion))
            .OrderBy(completion => !completion.StartsWith('-') ? 0 : everywhere.Any(option => option.Name == completion) ? 2 : 1))
        {
            parseResult.InvocationConfiguration.Output.WriteLine(completion);
        }

        return ExitCode.Done;
    }

    private static IEnumerable<string> AliasesOf(Symbol symbol) => symbol switch
    {
        Command command => command.Aliases,
        Option option => option.Aliases,
        _ => [],
    };
}
