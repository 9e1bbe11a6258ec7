using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using System.Text.RegularExpressions;

namespace IpuNet.Testing;

/// <summary>The command lines in the documents: those in code blocks, and those in sentences.</summary>
public static partial class DocumentedCommands
{
    private static readonly string[] Programs = ["ipunet", "ipunet-trainer", "ipunet-bench"];

    /// <summary>
    /// The command lines of the three programs, without the name of the program. A command line in a block is whole. One in a sentence can
    /// leave out arguments and options that the command needs.
    /// </summary>
    public static IReadOnlyList<(string Document, string Arguments, bool IsWhole)> All { get; } =
    [
        .. Repository.Documents.SelectMany(
            document => Of(Repository.Read(document)).Distinct().Select(line => (document, line.Arguments, line.IsWhole))),
    ];

    /// <summary>The command lines of the three programs in a document.</summary>
    public static IEnumerable<(string Arguments, bool IsWhole)> Of(string text) =>
        BlocksOf(text).Select(line => (line, IsWhole: true))
            .Concat(Span().Matches(WithoutBlocks(text)).Select(span => (line: span.Groups["code"].Value, IsWhole: false)))
            .SelectMany(found => ShellWords.Commands(found.line).Select(ArgumentsOf).Where(arguments => arguments is { Length: > 0 })
                .Select(arguments => (arguments!, found.IsWhole)));

    /// <summary>The lines of the indented blocks of a document. Lines that are joined by a backslash count as one.</summary>
    public static IEnumerable<string> BlocksOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Continued().Replace(Fence().Replace(text, ""), " ").Split('\n')
            .Where(line => line.StartsWith("    ", StringComparison.Ordinal)).Select(line => line.Trim());
    }

    /// <summary>The faults of a command line; empty if there are none.</summary>
    /// <param name="commands">The commands of the programs.</param>
    /// <param name="arguments">The command line, without the name of the program.</param>
    /// <param name="isWhole">Whether all needed arguments and options must be there.</param>
    public static IReadOnlyList<string> FaultsOf(IEnumerable<Command> commands, string arguments, bool isWhole = true)
    {
        ArgumentNullException.ThrowIfNull(commands);
        var root = new RootCommand();
        foreach (Command command in commands)
            root.Subcommands.Add(command);
        root.Options.Add(CommandLine.VerboseOption.Create());
        ParseResult parsed = root.Parse(ShellWords.Commands(arguments).Single());
        // The parser takes an unknown option for an argument.
        var unknown = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
            .Select(token => token.Value).Concat(parsed.UnmatchedTokens).Where(value => value is ['-', _, ..])
            .Select(value => $"'{value}' is not an option.");
        IEnumerable<string> errors = parsed.Errors.Select(error => error.Message);
        // The errors of the bare command are the missing arguments and options. They do not count if the line need not be whole.
        if (parsed.GetResult("--help") is not null || !isWhole)
            errors = errors.Except(root.Parse([.. PathOf(parsed.CommandResult)]).Errors.Select(error => error.Message));
        return [.. unknown.Concat(errors)];
    }

    private static IEnumerable<string> PathOf(CommandResult command) =>
        command.Parent is CommandResult parent ? PathOf(parent).Append(command.Command.Name) : [];

    // Also reads `taskset -c 0 ipunet bench` and `dotnet run --project src/IpuNet.Cli -- demo`. Null for a command line of another program.
    private static string? ArgumentsOf(IReadOnlyList<string> words)
    {
        int program = words is ["taskset", ..] ? Enumerable.Range(0, words.Count).FirstOrDefault(i => Programs.Contains(words[i]), -1) : 0;
        if (program >= 0 && words.Count > 0 && Programs.Contains(words[program]))
            return Text(words.Skip(program + 1));
        return words is ["dotnet", "run", ..] && words.Contains("src/IpuNet.Cli") && words.Contains("--")
            ? Text(words.SkipWhile(word => word != "--").Skip(1))
            : null;

        static string Text(IEnumerable<string> words) => string.Join(' ', words.Select(word => word.Contains(' ') ? $"'{word}'" : word));
    }

    private static string WithoutBlocks(string text) => IndentedLine().Replace(Fence().Replace(text, ""), "");

    [GeneratedRegex(@"^ *```.*?^ *```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^ {4}.*$", RegexOptions.Multiline)]
    private static partial Regex IndentedLine();

    [GeneratedRegex(@"\\\n\s*")]
    private static partial Regex Continued();

    [GeneratedRegex("`(?<code>[^`\n]+)`")]
    private static partial Regex Span();
}

/// <summary>
/// Splits a line as a shell does. It knows what the documents use: words, quotes, comments, and several commands in a line.
/// </summary>
public static class ShellWords
{
    /// <summary>The words of each command in a line.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Commands(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        List<List<string>> commands = [[]];
        StringBuilder? word = null;
        char quote = '\0';
        int depth = 0;
        foreach (char c in line)
        {
            if (quote != '\0' || c is '\'' or '"')
            {
                word ??= new();
                if (quote == '\0')
                    quote = c;
                else if (quote == c)
                    quote = '\0';
                else
                    word.Append(c);
                continue;
            }

            if (c == '#' && word is null)
                break;
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (depth > 0 || c is not (' ' or '&' or '|' or ';' or '>' or '<'))
            {
                (word ??= new()).Append(c);
                continue;
            }

            EndWord();
            if (c != ' ')
                commands.Add([]);
        }

        EndWord();
        return [.. commands.Where(words => words.Count > 0)];

        void EndWord()
        {
            if (word is not null)
                commands[^1].Add(word.ToString());
            word = null;
        }
    }
}
