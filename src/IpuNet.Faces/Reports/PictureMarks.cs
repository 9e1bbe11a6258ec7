using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace IpuNet.Faces.Reports;

/// <summary>
/// Marks the pictures of an <see cref="HtmlPage"/> with their owners, so that a person's pictures can be removed later. A mark is an HTML
/// comment before and after the picture, with a hash of the owner's name. Nothing else in a page looks like a mark: texts are encoded, and
/// pictures are base64.
/// </summary>
public static partial class PictureMarks
{
    /// <summary>Makes an owner's mark: the SHA-256 of the name, 64 lower-case hexadecimal digits.</summary>
    /// <param name="owner">The owner's name.</param>
    public static string Of(string owner)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(owner)));
    }

    /// <summary>Whether a text is a mark: 64 lower-case hexadecimal digits.</summary>
    public static bool IsMark(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length == 2 * SHA256.HashSizeInBytes && text.All(char.IsAsciiHexDigitLower);
    }

    /// <summary>The marks in a page, each once, in the page's order.</summary>
    /// <param name="html">The page.</param>
    public static IReadOnlyList<string> In(string html) => [.. Marked().Matches(html).Select(MarkOf).Distinct()];

    /// <summary>Removes pictures from a page.</summary>
    /// <param name="html">The page.</param>
    /// <param name="shouldRemove">Decides by the mark whether to remove a picture.</param>
    /// <param name="replacement">The plain text that replaces each removed picture.</param>
    /// <param name="removed">The number of removed pictures.</param>
    /// <returns>
    /// The page without these pictures and their marks. If the page ends inside a picture, the rest counts as the picture.
    /// </returns>
    public static string Remove(string html, Predicate<string> shouldRemove, string replacement, out int removed)
    {
        ArgumentNullException.ThrowIfNull(shouldRemove);
        int count = 0;
        string rest = Marked().Replace(html, match =>
        {
            if (!shouldRemove(MarkOf(match)))
                return match.Value;
            count++;
            return $"<p class=\"note\">{WebUtility.HtmlEncode(replacement)}</p>\n";
        });
        removed = count;
        return rest;
    }

    /// <summary>Puts a picture's markup between marks.</summary>
    internal static string Around(string mark, string markup) => $"<!--of {mark}-->\n{markup}<!--end {mark}-->\n";

    private static string MarkOf(Match match) => match.Groups["mark"].Value;

    [GeneratedRegex(
        "<!--of (?<mark>[0-9a-f]{64})-->.*?(?:<!--end \\k<mark>-->\n?|\\z)", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Marked();
}
