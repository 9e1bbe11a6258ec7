using System.CommandLine;

namespace IpuNet.Testing;

/// <summary>The options of a program's commands, and what the program says to a wrong value.</summary>
public static class TypedOptions
{
    /// <summary>A command of some, or one within it, with the words that call it and its options.</summary>
    public static IEnumerable<(string Command, Option Option)> Of(IEnumerable<Command> commands) =>
        from command in commands.SelectMany(WithInner)
        from option in command.Options
        where !option.Hidden
        let path = command.Parents.OfType<Command>().Append(command).Select(part => part.Name)
        select (string.Join(' ', path), option);

    /// <summary>The options whose value is a number, or one of some words.</summary>
    public static TheoryData<string, string> Typed(IEnumerable<Command> commands) => Rows(commands, IsTyped);

    /// <summary>The options that need a value.</summary>
    public static TheoryData<string, string> WithAValue(IEnumerable<Command> commands) =>
        Rows(commands, option => option.Arity.MinimumNumberOfValues > 0);

    /// <summary>Runs a command with a word that no option takes.</summary>
    /// <returns>What is wrong, if the error does not name the option and what it takes, or names a type of .NET; else nothing.</returns>
    public static Task<string> FaultOfAWrongValueAsync(string command, string option) =>
        FaultAsync($"error: {option} must be ", " not 'abc'.", [.. command.Split(' '), option, "abc"]);

    /// <summary>Runs a command with an option that lacks its value.</summary>
    /// <returns>What is wrong, if the error does not name the option and its value; else nothing.</returns>
    public static Task<string> FaultOfNoValueAsync(string command, string option) =>
        FaultAsync($"error: {option} needs a value, ", ".", [.. command.Split(' '), option]);

    // The words that call the command, and the option's name.
    private static TheoryData<string, string> Rows(IEnumerable<Command> commands, Func<Option, bool> isMeant) =>
    [
        .. Of(commands).Where(found => isMeant(found.Option))
            .Select(found => new TheoryDataRow<string, string>(found.Command, found.Option.Name)),
    ];

    private static async Task<string> FaultAsync(string start, string end, string[] arguments)
    {
        var run = await CommandRun.OfAsync(arguments);
        bool isSaid = run.Errors.Split('\n').Count(line =>
            line.StartsWith(start, StringComparison.Ordinal) && line.EndsWith(end, StringComparison.Ordinal)) == 1;
        bool isUsage = run.Code == CommandLine.ExitCode.Usage && run.Output.Length == 0;
        return isSaid && isUsage && !run.Errors.Contains("System.", StringComparison.Ordinal) ? "" : $"{run}";
    }

    private static bool IsTyped(Option option)
    {
        Type type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        return type != typeof(bool)
            && (type.IsPrimitive || type.IsEnum || option.HelpName?.Contains('|') == true && option.Name != "--crop");
    }

    private static IEnumerable<Command> WithInner(Command command) => command.Subcommands.SelectMany(WithInner).Prepend(command);
}
