using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using System.Text.RegularExpressions;

namespace IpuNet.Testing;

/// <summary>The command lines of the documents: those of their blocks, and those that stand in a sentence.</summary>
public static partial class DocumentedCommands
{
    private static readonly string[] Programs = ["ipunet", "ipunet-trainer", "ipunet-bench"];

    /// <summary>
    /// The command lines of the three programs, without the program's name. One of a block is whole; one in a sentence may leave out what
    /// the command needs.
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

    /// <summary>The lines of a document's indented blocks; those that a backslash continues are one.</summary>
    public static IEnumerable<string> BlocksOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Continued().Replace(Fence().Replace(text, ""), " ").Split('\n')
            .Where(line => line.StartsWith("    ", StringComparison.Ordinal)).Select(line => line.Trim());
    }

    /// <summary>What is wrong with a command line.</summary>
    /// <param name="commands">The commands that there are.</param>
    /// <param name="arguments">The command line, without the program's name.</param>
    /// <param name="isWhole">Whether it has to have all that its command needs.</param>
    public static IReadOnlyList<string> FaultsOf(IEnumerable<Command> commands, string arguments, bool isWhole = true)
    {
        ArgumentNullException.ThrowIfNull(commands);
        var root = new RootCommand();
        foreach (Command command in commands)
            root.Subcommands.Add(command);
        root.Options.Add(CommandLine.VerboseOption.Create());
        ParseResult parsed = root.Parse(ShellWords.Commands(arguments).Single());
        // What looks like an option and is none was taken for an argument.
        var unknown = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
            .Select(token => token.Value).Concat(parsed.UnmatchedTokens).Where(value => value is ['-', _, ..])
            .Select(value => $"'{value}' is no option.");
        IEnumerable<string> errors = parsed.Errors.Select(error => error.Message);
        // What is wrong with the command's name alone is that something is missing.
        if (parsed.GetResult("--help") is not null || !isWhole)
            errors = errors.Except(root.Parse([.. PathOf(parsed.CommandResult)]).Errors.Select(error => error.Message));
        return [.. unknown.Concat(errors)];
    }

    private static IEnumerable<string> PathOf(CommandResult command) =>
        command.Parent is CommandResult parent ? PathOf(parent).Append(command.Command.Name) : [];

    // Of `taskset -c 0 ipunet bench` and of `dotnet run --project src/IpuNet.Cli -- demo`, too; null for another program's.
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

/// <summary>What a shell makes of a line, as far as documents use it: words, quotes, comments, and several commands in a line.</summary>
public static class ShellWords
{
    /// <summary>The words of each command of a line.</summary>
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
