using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace IpuNet.CommandLine.Programs;

/// <summary>What is wrong with a command line.</summary>
/// <param name="Error">The error, a line. Of several, one.</param>
/// <param name="Hint">What the user can do, a line.</param>
internal sealed record UsageFault(string Error, string Hint)
{
    private const string NoMoreOptions = "--";

    /// <summary>What is wrong; null if nothing is, or if the user asks for help and only left something out.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="arguments">The command line as it was given.</param>
    /// <param name="nameOf">The words that call a command, such as "ipunet gallery list".</param>
    public static UsageFault? Of(ParseResult parsed, IReadOnlyList<string> arguments, Func<Command, string> nameOf)
    {
        Command command = parsed.CommandResult.Command;
        string name = nameOf(command);
        if (BlankIn(parsed) is { } blank)
            return new($"{blank} is empty: write a value, or leave it out.", $"`{name} --help` says what it takes.");
        if (command is MovedCommand moved)
            return new($"`{name}` has moved.", $"Use `{moved.Use}`.");
        bool isGroup = command.Subcommands.Count > 0 && command.Arguments.Count == 0;
        // An unknown command has no help. Its group's would look like an answer.
        if (isGroup && parsed.UnmatchedTokens.FirstOrDefault(word => !IsOption(word)) is { } unknown)
            return new($"'{unknown}' is not a command of `{name}`.", HintOf(unknown, command, nameOf));
        if (Children<OptionResult>(parsed.CommandResult).Select(given => given.Option).OfType<MovedOption>().FirstOrDefault() is { } former)
            return new($"{former.Name} is not an option of `{name}`: it has moved.", $"Use `{former.Use}`.");
        if (IsGroupAlone(parsed))
            return new($"`{name}` needs a command.", $"`{name} --help` lists its commands.");
        if (parsed.Errors.Count == 0 || parsed.GetResult(HelpOf(parsed)) is not null)
            return null;
        if (UnknownOptions(parsed, arguments).FirstOrDefault() is { } option)
            return new($"'{option}' is not an option of `{name}`.", HintOf(option, parsed.CommandResult, nameOf));
        // A validator of the command can hide that a value is missing.
        var missing = Children<OptionResult>(parsed.CommandResult).Where(LacksValue).Select(given => ValueOf(given.Option));
        // A mistake in what is there comes before what is not there.
        var others = parsed.Errors.OrderByDescending(IsAboutWhatIsThere).Select(error => TextOf(error, parsed, name));
        return new(missing.Concat(others).First(), $"`{name} --help` shows the usage.");
    }

    /// <summary>Refuses what looks like an option and is none. A misspelt option would count as a file or as a value.</summary>
    public static void RefuseUnknownOptions(Command command, IReadOnlyList<string> arguments)
    {
        command.Validators.Add(result =>
        {
            foreach (string unknown in TakenForValues(result, arguments))
                result.AddError($"'{unknown}' is not an option.");
            // The parser takes an option of the command above, and nobody reads it.
            foreach (OptionResult misplaced in Above(result))
                result.AddError($"{misplaced.Option.Name} stands before '{result.Command.Name}', which does not read it: put it behind.");
        });
        foreach (Command inner in command.Subcommands)
            RefuseUnknownOptions(inner, arguments);
    }

    // The option or argument with an empty value. A script's variable that is not set gives one.
    private static string? BlankIn(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        return command.Options.FirstOrDefault(option => IsBlank(parsed.GetResult(option)?.Tokens))?.Name
            ?? command.Arguments.FirstOrDefault(argument => IsBlank(parsed.GetResult(argument)?.Tokens))?.Name;

        static bool IsBlank(IEnumerable<Token>? values) => values?.Any(value => string.IsNullOrWhiteSpace(value.Value)) ?? false;
    }

    private static bool IsGroupAlone(ParseResult parsed) => parsed.Action is ParseErrorAction && parsed.UnmatchedTokens.Count == 0
        && parsed.CommandResult.Command is { Action: null, Subcommands.Count: > 0 };

    private static IEnumerable<string> UnknownOptions(ParseResult parsed, IReadOnlyList<string> arguments) =>
        TakenForValues(parsed.CommandResult, arguments).Concat(parsed.UnmatchedTokens.Where(IsOption));

    // A value that begins with a hyphen can be a number, and one that is joined to its option can be anything.
    private static IEnumerable<string> TakenForValues(CommandResult command, IReadOnlyList<string> arguments)
    {
        string[] names = [.. arguments.SkipWhile(argument => argument != NoMoreOptions).Skip(1)];
        return Children<ArgumentResult>(command).SelectMany(argument => argument.Tokens).Where(token => IsOption(token.Value))
            .Concat(Children<OptionResult>(command).SelectMany(option => option.Tokens)
                .Where(token => token.Value.StartsWith("--", StringComparison.Ordinal) && arguments.Contains(token.Value)))
            .Select(token => token.Value)
            .Where(value => !names.Contains(value));
    }

    private static IEnumerable<OptionResult> Above(CommandResult command) => command.Parent is CommandResult parent
        ? Children<OptionResult>(parent).Where(option => option is { Implicit: false, Option.Recursive: false }).Concat(Above(parent))
        : [];

    private static IEnumerable<T> Children<T>(CommandResult command) => command.Children.OfType<T>();

    private static HelpOption HelpOf(ParseResult parsed) => parsed.RootCommandResult.Command.Options.OfType<HelpOption>().Single();

    private static bool IsOption(string word) => word is ['-', _, ..];

    private static string HintOf(string unknown, Command group, Func<Command, string> nameOf)
    {
        Command[] known = [.. Shown(group)];
        if (Nearest(unknown, known.SelectMany(command => command.Aliases.Prepend(command.Name))) is { } near)
            return $"Did you mean `{nameOf(known.First(command => command.Name == near || command.Aliases.Contains(near)))}`?";
        // It may be a command of another group.
        Command root = group;
        while (root.Parents.OfType<Command>().FirstOrDefault() is { } above)
            root = above;
        return Inner(root).Where(command => command.Name == unknown).ToArray() is [var only]
            ? $"Did you mean `{nameOf(only)}`?"
            : $"`{nameOf(group)} --help` lists the commands.";
    }

    private static string HintOf(string unknown, CommandResult result, Func<Command, string> nameOf)
    {
        Command command = result.Command;
        string word = unknown.Split('=', ':')[0];
        var options = command.Options.Concat(Recursive(result)).Where(option => !option.Hidden).Select(option => option.Name);
        if (Nearest(word, options) is { } near)
            return $"Did you mean {near}?";
        if (Nearest(word.TrimStart('-'), Shown(command).Select(inner => inner.Name)) is { } inner)
            return $"Did you mean `{nameOf(command)} {inner}`?";
        string help = $"`{nameOf(command)} --help` lists the options.";
        return command.Arguments.Count == 0 ? help : $"{help} For a file of this name, write './{unknown}'.";
    }

    private static IEnumerable<Option> Recursive(CommandResult command) => command.Parent is CommandResult parent
        ? parent.Command.Options.Where(option => option.Recursive).Concat(Recursive(parent))
        : [];

    private static IEnumerable<Command> Shown(Command group) => group.Subcommands.Where(command => !command.Hidden);

    private static IEnumerable<Command> Inner(Command group) => Shown(group).SelectMany(command => Inner(command).Prepend(command));

    private static SymbolResult? PlaceOf(ParseError error) =>
        error.SymbolResult is ArgumentResult { Parent: OptionResult of } ? of : error.SymbolResult;

    private static bool IsAboutWhatIsThere(ParseError error) =>
        PlaceOf(error) is OptionResult { Implicit: false } or ArgumentResult { Tokens.Count: > 0 };

    private static string TextOf(ParseError error, ParseResult parsed, string name)
    {
        return PlaceOf(error) switch
        {
            OptionResult given when LacksValue(given) => ValueOf(given.Option),
            ArgumentResult { Tokens.Count: 0, Argument: var argument } =>
                $"`{name}` needs {argument.HelpName ?? argument.Name}: {FirstSentence(argument.Description)}",
            _ when parsed.UnmatchedTokens is [var extra, ..] && error.Message.Contains($"'{extra}'", StringComparison.Ordinal) =>
                $"'{extra}' is one argument too many for `{name}`.",
            _ => error.Message.ReplaceLineEndings(" "),
        };
    }

    private static bool LacksValue(OptionResult given) =>
        given is { Implicit: false, Tokens.Count: 0, Option.Arity.MinimumNumberOfValues: > 0 };

    private static string ValueOf(Option option) => $"{option.Name} needs a value, {option.HelpName}: {FirstSentence(option.Description)}";

    private static string FirstSentence(string? text) => text is null ? "" : $"{text.Split(". ")[0].TrimEnd('.')}.";

    // The known word that is meant: it begins so, or differs in few letters; null if none is near.
    private static string? Nearest(string word, IEnumerable<string> known)
    {
        string[] words = [.. known.Distinct()];
        if (word.Trim('-').Length > 1 && words.Where(other => other.StartsWith(word, StringComparison.Ordinal)).ToArray() is [var whole])
            return whole;
        return words.Select(other => (Word: other, Distance: Distance(word.Trim('-'), other.Trim('-'))))
            .Where(other => other.Distance <= Math.Max(word.Trim('-').Length, other.Word.Trim('-').Length) / 3)
            .OrderBy(other => other.Distance)
            .Select(other => other.Word)
            .FirstOrDefault();
    }

    // Letters to insert, remove, replace, or swap with the next one (optimal string alignment).
    private static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }

                int replaced = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replaced, 1 + Math.Min(cost[i - 1, j], cost[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], 1 + cost[i - 2, j - 2]);
            }
        }

        return cost[a.Length, b.Length];
    }
}
