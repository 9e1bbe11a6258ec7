using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace IpuNet.Faces.Reports;

/// <summary>
/// Marks of pictures in an <see cref="HtmlPage"/>: comments around a picture that say whose it is by a hash, so that it can be taken out of the page
/// later. Texts of a page are encoded and pictures are base64, so nothing else in it looks like one.
/// </summary>
public static partial class PictureMarks
{
    /// <summary>The mark of somebody's pictures: the SHA-256 of the name, lower-case hexadecimal.</summary>
    public static string Of(string whose)
    {
        ArgumentException.ThrowIfNullOrEmpty(whose);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(whose)));
    }

    /// <summary>Whether a text is a mark.</summary>
    public static bool IsMark(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length == 2 * SHA256.HashSizeInBytes && text.All(char.IsAsciiHexDigitLower);
    }

    /// <summary>The marks of a page, each once, in its order.</summary>
    public static IReadOnlyList<string> In(string html) => [.. Marked().Matches(html).Select(MarkOf).Distinct()];

    /// <summary>Takes pictures out of a page.</summary>
    /// <param name="html">The page.</param>
    /// <param name="isMeant">Whether pictures of a mark are taken out.</param>
    /// <param name="instead">What is said in the place of each, as plain text.</param>
    /// <param name="removed">How many were taken out.</param>
    /// <returns>The page without them, and without their marks. Of a page that is cut off within a picture, the rest is taken for the picture.</returns>
    public static string Remove(string html, Predicate<string> isMeant, string instead, out int removed)
    {
        ArgumentNullException.ThrowIfNull(isMeant);
        int count = 0;
        string rest = Marked().Replace(html, match =>
        {
            if (!isMeant(MarkOf(match)))
                return match.Value;
            count++;
            return $"<p class=\"note\">{WebUtility.HtmlEncode(instead)}</p>\n";
        });
        removed = count;
        return rest;
    }

    /// <summary>A picture's markup between marks.</summary>
    internal static string Around(string mark, string markup) => $"<!--of {mark}-->\n{markup}<!--end {mark}-->\n";

    private static string MarkOf(Match match) => match.Groups["mark"].Value;

    [GeneratedRegex("<!--of (?<mark>[0-9a-f]{64})-->.*?(?:<!--end \\k<mark>-->\n?|\\z)", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Marked();
}
