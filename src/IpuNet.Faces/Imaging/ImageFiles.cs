namespace IpuNet.Faces.Imaging;

/// <summary>
/// Tells image files from other files by their names. Only the content decides whether a file is an image: see <see cref="ImageDecoder"/>.
/// </summary>
public static class ImageFiles
{
    // Files that often lie beside images: notes, data, web pages, and files that systems and programs create.
    private static readonly string[] SideExtensions =
    [
        ".txt", ".md", ".json", ".jsonl", ".csv", ".tsv", ".xml", ".yaml", ".yml", ".html",
        ".htm", ".log", ".ini", ".db", ".xmp", ".aae", ".lnk", ".url",
    ];

    private const string MacFolder = "__MACOSX";

    /// <summary>The usual extensions of the formats that <see cref="ImageDecoder"/> reads.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp"];

    /// <summary>Whether the file has one of these <see cref="Extensions"/>, in any case.</summary>
    public static bool HasImageExtension(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Whether the file's name shows that it is not meant as an image: it is hidden, lies in a hidden folder, or has an extension of notes,
    /// data or web pages. Such files are skipped silently. Any other file that is not an image is reported.
    /// </summary>
    /// <param name="path">The file's path relative to the given folder or archive, with '/' between folders.</param>
    public static bool IsSideFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return IsHidden(path) || SideExtensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether the file is hidden or lies in a hidden folder.</summary>
    /// <param name="path">The file's path relative to the given folder or archive, with '/' between folders.</param>
    public static bool IsHidden(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Split('/').Any(IsHiddenName);
    }

    // "." and ".." are not file names, and "..\\x" is an attack that must be reported.
    private static bool IsHiddenName(string segment) =>
        segment == MacFolder || (segment.Length > 1 && segment[0] == '.' && segment[1] != '.');
}

/// <summary>Recognises a file's format by its first bytes. The name does not matter.</summary>
internal static class ImageSignature
{
    /// <summary>The number of bytes that identify a format.</summary>
    public const int Length = 16;

    /// <summary>The format name of archives.</summary>
    public const string Archive = "ZIP";

    /// <summary>Whether <see cref="ImageDecoder"/> decodes the format.</summary>
    public static bool IsAccepted(string format) => format is "JPEG" or "PNG" or "WebP" or "BMP";

    /// <summary>The name of the file's format: a decoded format, or one that users often send instead. Null for any other.</summary>
    public static string? FormatOf(ReadOnlySpan<byte> data) => data switch
    {
        [0xFF, 0xD8, 0xFF, ..] => "JPEG",
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => "PNG",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => "WebP",
        [(byte)'B', (byte)'M', _, _, _, _, 0, 0, 0, 0, ..] => "BMP",
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => "GIF",
        [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..] => "TIFF",
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', .. var brand] => BaseMediaFormat(brand),
        [0xFF, 0x0A, ..] or [0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', (byte)' ', ..] => "JPEG XL",
        [0, 0, 0, 12, (byte)'j', (byte)'P', (byte)' ', (byte)' ', ..] => "JPEG 2000",
        [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => "PDF",
        [(byte)'P', (byte)'K', 3, 4, ..] => Archive,
        _ => null,
    };

    // HEIC, AVIF and videos share one container. Its brand tells them apart.
    private static string BaseMediaFormat(ReadOnlySpan<byte> brand) => brand switch
    {
        [(byte)'h', (byte)'e', ..] or [(byte)'m', (byte)'i', (byte)'f', _, ..] => "HEIC",
        [(byte)'a', (byte)'v', (byte)'i', ..] => "AVIF",
        _ => "video",
    };
}
