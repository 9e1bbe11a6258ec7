namespace IpuNet.Faces.Imaging;

/// <summary>
/// Which files are meant to be images. What is in them decides, for <see cref="ImageDecoder"/> to say; their names only say what is none.
/// </summary>
public static class ImageFiles
{
    // What lies beside images and is none: notes, data, pages, and what systems and programs leave.
    private static readonly string[] SideExtensions =
    [
        ".txt", ".md", ".json", ".jsonl", ".csv", ".tsv", ".xml", ".yaml", ".yml", ".html",
        ".htm", ".log", ".ini", ".db", ".xmp", ".aae", ".lnk", ".url",
    ];

    private const string MacFolder = "__MACOSX";

    /// <summary>Usual endings of the formats that <see cref="ImageDecoder"/> reads.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp"];

    /// <summary>Whether the file's name ends like an image's.</summary>
    public static bool IsNamedSo(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Whether nobody means the file as an image, by its name: it is hidden, or lies in a hidden folder, or ends as notes, data and pages
    /// do. Such files are left alone without a word; all others are images, or are told to be none.
    /// </summary>
    /// <param name="path">The file's path within what was given; folders are separated by '/'.</param>
    public static bool IsSideFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return IsHidden(path) || SideExtensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether the file is hidden, or lies in a hidden folder.</summary>
    /// <param name="path">As for <see cref="IsSideFile"/>.</param>
    public static bool IsHidden(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Split('/').Any(IsHiddenName);
    }

    // "." and ".." are no names of files, and "..\\x" is somebody's try.
    private static bool IsHiddenName(string segment) => segment == MacFolder || (segment.Length > 1 && segment[0] == '.' && segment[1] != '.');
}
