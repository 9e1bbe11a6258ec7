using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace IpuNet.CommandLine;

/// <summary>
/// What an option's value may be. An error names the option, what it takes, and what was given. Validators check a value, because any
/// other error of the option hides that of a parser.
/// </summary>
public static class OptionValues
{
    /// <summary>The number has a lower limit, which is allowed. An option that is left out passes.</summary>
    public static Option<T> AtLeast<T>(this Option<T> option, int least) =>
        option.Number(number => number >= least, $"of at least {Text(least)}");

    /// <summary>The number has a lower and an upper limit, both allowed.</summary>
    public static Option<T> Within<T>(this Option<T> option, int least, int most) =>
        option.Number(number => number >= least && number <= most, $"from {Text(least)} to {Text(most)}");

    /// <summary>The number has a lower limit, which is not allowed, and an upper limit.</summary>
    public static Option<T> Above<T>(this Option<T> option, int least, int most) =>
        option.Number(number => number > least && number <= most, $"above {Text(least)} and up to {Text(most)}");

    /// <summary>The number has a lower limit, which is not allowed.</summary>
    public static Option<T> Above<T>(this Option<T> option, int least) => option.Number(number => number > least, $"above {Text(least)}");

    /// <summary>The number has a lower and an upper limit, neither allowed.</summary>
    public static Option<T> Between<T>(this Option<T> option, int least, int most) =>
        option.Number(number => number > least && number < most, $"above {Text(least)} and below {Text(most)}");

    /// <summary>The number may be any that is finite.</summary>
    public static Option<T> Finite<T>(this Option<T> option) => option.Number(_ => true, "");

    /// <summary>The value is one of some words, in small or capital letters. The help and the completion show them.</summary>
    public static Option<T> OneOf<T>(this Option<T> option, params (string Word, T Value)[] choices)
    {
        ArgumentNullException.ThrowIfNull(option);
        string[] words = WordsOf(choices);
        option.HelpName = string.Join('|', words);
        option.CompletionSources.Clear();
        option.CompletionSources.Add(words);
        option.Validators.Add(result => RequireChoice(result, option.Name, choices));
        option.CustomParser = result => Choice(result.Tokens[0].Value, choices).Value;
        return option;
    }

    /// <summary>The value is one of some words, in small or capital letters. The completion shows them.</summary>
    public static Argument<T> OneOf<T>(this Argument<T> argument, params (string Word, T Value)[] choices)
    {
        ArgumentNullException.ThrowIfNull(argument);
        argument.CompletionSources.Clear();
        argument.CompletionSources.Add(WordsOf(choices));
        argument.Validators.Add(result => RequireChoice(result, argument.Name, choices));
        argument.CustomParser = result => Choice(result.Tokens[0].Value, choices).Value;
        return argument;
    }

    private static Option<T> Number<T>(this Option<T> option, Func<double, bool> isTaken, string limits)
    {
        Type type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        string kind = type == typeof(int) ? "a whole number" : "a number";
        option.Validators.Add(result =>
        {
            // All limits are small enough to be told apart as double.
            if (result.Tokens is [var token] && !(Parse(token.Value, type) is { } number
                && isTaken(Convert.ToDouble(number, CultureInfo.InvariantCulture))))
                result.AddError($"{option.Name} must be {$"{kind} {limits}".TrimEnd()}, not '{token.Value}'.");
        });
        option.CustomParser = result => (T)Parse(result.Tokens[0].Value, type)!;
        return option;
    }

    // The number as its own type, boxed; null if the text is none, or one that is not finite.
    private static object? Parse(string text, Type type)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        if (type == typeof(int))
            return int.TryParse(text, NumberStyles.AllowLeadingSign, culture, out int whole) ? whole : null;
        if (type == typeof(float))
            return float.TryParse(text, NumberStyles.Float, culture, out float single) && float.IsFinite(single) ? single : null;
        return double.TryParse(text, NumberStyles.Float, culture, out double number) && double.IsFinite(number) ? number : null;
    }

    private static void RequireChoice<T>(SymbolResult result, string name, (string Word, T Value)[] choices)
    {
        string[] words = WordsOf(choices);
        if (result.Tokens is [var token] && Choice(token.Value, choices).Word is null)
            result.AddError($"{name} must be {string.Join(", ", words[..^1])} or {words[^1]}, not '{token.Value}'.");
    }

    // Nothing if no word is meant.
    private static (string Word, T Value) Choice<T>(string given, (string Word, T Value)[] choices) =>
        Array.Find(choices, choice => choice.Word.Equals(given, StringComparison.OrdinalIgnoreCase));

    private static string[] WordsOf<T>((string Word, T Value)[] choices) => [.. choices.Select(choice => choice.Word)];

    // A number of four digits has no separator.
    private static string Text(int number) => number.ToString(number < 10_000 ? "0" : "N0", CultureInfo.InvariantCulture);
}

/// <summary>Options that do not go together, or not without another one. None of them is ignored without a word.</summary>
public static class OptionPairs
{
    /// <summary>An option refuses others of its command beside it.</summary>
    /// <param name="option">The option.</param>
    /// <param name="others">The options that do not go with it.</param>
    public static void Refuse(this Option option, params IEnumerable<Option> others)
    {
        ArgumentNullException.ThrowIfNull(others);
        foreach (Option other in others)
        {
            Check(other, result => IsGiven(result, option)
                ? $"{option.Name} and {other.Name} do not go together: leave one of them out."
                : null);
        }
    }

    /// <summary>An option needs another one of its command beside it.</summary>
    /// <param name="options">The options that mean nothing without the other one.</param>
    /// <param name="needed">The other one.</param>
    public static void Need(this IEnumerable<Option> options, Option needed)
    {
        ArgumentNullException.ThrowIfNull(options);
        foreach (Option option in options)
        {
            Check(option, result => IsGiven(result, needed)
                ? null
                : $"{option.Name} needs {needed.Name}: add {needed.Name}, or leave {option.Name} out.");
        }
    }

    // A validator of the command would hide what is wrong with a value.
    private static void Check(Option option, Func<OptionResult, string?> faultOf) => option.Validators.Add(result =>
    {
        if (IsGiven(result, option) && faultOf(result) is { } fault)
            result.AddError(fault);
    });

    private static bool IsGiven(OptionResult result, Option option) => result.GetResult(option) is { Implicit: false };
}
