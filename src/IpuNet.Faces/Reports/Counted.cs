using System.Globalization;

namespace IpuNet.Faces.Reports;

/// <summary>Numbers of things, as messages name them: "1 face", "2 faces", "1,000 faces".</summary>
public static class Counted
{
    /// <summary>A number and what it counts.</summary>
    /// <param name="count">The number, at least 0.</param>
    /// <param name="one">The word for one.</param>
    /// <param name="many">The word for all other numbers; null for <paramref name="one"/> with an s.</param>
    public static string Of(long count, string one, string? many = null) =>
        $"{count.ToString("N0", CultureInfo.InvariantCulture)} {(count == 1 ? one : many ?? one + "s")}";

    /// <summary>A part of a number, and what they count: "0 of 1 file", "1 of 2 files".</summary>
    /// <param name="part">The part.</param>
    /// <param name="count">The number, at least the part.</param>
    /// <param name="one">The word for one.</param>
    public static string Of(long part, long count, string one) =>
        $"{part.ToString("N0", CultureInfo.InvariantCulture)} of {Of(count, one)}";
}
