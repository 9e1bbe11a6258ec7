using System.Buffers;

namespace IpuNet.Faces.Gallery;

/// <summary>The rule for subject ids. An id is a file name, a blob name and a column in reports, so it must mean the same in all of them.</summary>
/// <remarks>
/// Allowed are 1 to 128 of the ASCII letters and digits, space, full stop, underscore and hyphen. Letters of other scripts are not:
/// file systems disagree about their bytes (é is one character or two) and look-alikes of different scripts would be different subjects.
/// An id does not begin with a full stop or a space nor end with one, and is no name that Windows keeps for devices (<c>con</c>, <c>lpt1</c> ...).
/// </remarks>
public static class SubjectId
{
    /// <summary>Most characters of an id.</summary>
    public const int MaxLength = 128;

    /// <summary>The rule, as messages tell it.</summary>
    public const string Rule = "Use 1 to 128 letters a-z, digits, spaces, '.', '_' or '-', such as 'ada-lovelace'.";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ._-");

    private static readonly HashSet<string> WindowsDevices = new(
        ["CON", "PRN", "AUX", "NUL", .. Enumerable.Range(0, 10).SelectMany(digit => new[] { $"COM{digit}", $"LPT{digit}" })],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the id follows the rule.</summary>
    public static bool IsValid(string id) => FaultOf(id) is null;

    /// <summary>The id itself, where it follows the rule.</summary>
    /// <exception cref="FaceDataException">It does not; the message says in what.</exception>
    public static string Require(string id) =>
        FaultOf(id) is not { } fault
            ? id
            : throw new FaceDataException($"The subject id '{Shown(id)}' cannot be used: {fault}. {Rule}");

    /// <summary>What is wrong with an id, without the id.</summary>
    /// <returns>Null where nothing is.</returns>
    public static string? FaultOf(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (id.Length == 0)
            return "it is empty";
        if (id.Length > MaxLength)
            return $"it has {id.Length} characters";
        if (id.AsSpan().IndexOfAnyExcept(Allowed) is >= 0 and var at)
            return $"the character U+{(int)id[at]:X4} is not allowed";
        if (id[0] is '.' or ' ' || id[^1] is '.' or ' ')
            return "it begins or ends with a full stop or a space";
        if (WindowsDevices.Contains(id.Split('.')[0].TrimEnd(' ')))
            return "Windows keeps this name for a device";
        return null;
    }

    private static string Shown(string id) =>
        string.Concat(id.Take(MaxLength).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));
}
