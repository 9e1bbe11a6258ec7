using System.Globalization;

namespace IpuNet.Faces.Reports;

/// <summary>One axis of a plot.</summary>
/// <param name="Label">What it measures, with its unit.</param>
/// <param name="Min">Where it begins; above 0 when logarithmic.</param>
/// <param name="Max">Where it ends; above <paramref name="Min"/>.</param>
/// <param name="Logarithmic">True for powers of ten at equal distances.</param>
public sealed record PlotAxis(string Label, double Min, double Max, bool Logarithmic = false)
{
    // About as many as can be told apart on a phone.
    private const int WantedTicks = 6;

    /// <summary>Where a value lies: 0 at <see cref="Min"/>, 1 at <see cref="Max"/>; values outside are moved to the nearer end.</summary>
    public double Place(double value)
    {
        double clamped = Math.Clamp(value, Min, Max);
        return Logarithmic
            ? Math.Log10(clamped / Min) / Math.Log10(Max / Min)
            : (clamped - Min) / (Max - Min);
    }

    /// <summary>The values that the axis names: powers of ten, or multiples of 1, 2 or 5.</summary>
    public IReadOnlyList<double> Ticks()
    {
        if (!(Max > Min) || (Logarithmic && !(Min > 0)))
            throw new InvalidOperationException($"The axis '{Label}' runs from {Min} to {Max}; it must end above its beginning, and begin above 0 when logarithmic.");
        return Logarithmic ? Powers() : Multiples();
    }

    /// <summary>A tick as text, without digits that say nothing.</summary>
    public static string Format(double tick) => tick.ToString("0.######", CultureInfo.InvariantCulture);

    private List<double> Powers()
    {
        var ticks = new List<double>();
        for (int power = (int)Math.Ceiling(Math.Log10(Min) - 1e-9); power <= Math.Log10(Max) + 1e-9; power++)
            ticks.Add(Math.Pow(10, power));
        return ticks;
    }

    private List<double> Multiples()
    {
        double rough = (Max - Min) / WantedTicks;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        var ticks = new List<double>();
        for (long i = (long)Math.Ceiling(Min / step - 1e-9); i * step <= Max + step * 1e-9; i++)
            ticks.Add(i * step);
        return ticks;
    }
}
