using System.CommandLine;
using System.Globalization;

namespace IpuNet.CommandLine;

/// <summary>Which whole numbers an option takes; of any other, the error says which.</summary>
public static class NumberLimits
{
    /// <summary>Takes numbers from one on; an option that is left out is as it should be.</summary>
    public static Option<T> AtLeast<T>(this Option<T> option, int least) => option.Limit(number => number >= least, $"is at least {least}");

    /// <summary>Takes numbers from one to another, both included.</summary>
    public static Option<T> Within<T>(this Option<T> option, int least, int most) =>
        option.Limit(number => number >= least && number <= most, $"is {Text(least)} to {Text(most)}");

    private static Option<T> Limit<T>(this Option<T> option, Func<int, bool> isTaken, string rule)
    {
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<T>() is int number && !isTaken(number))
                result.AddError($"{option.Name} {rule}.");
        });
        return option;
    }

    // Four digits are read without a separator.
    private static string Text(int number) => number.ToString(number < 10_000 ? "0" : "N0", CultureInfo.InvariantCulture);
}
