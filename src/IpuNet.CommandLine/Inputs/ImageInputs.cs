using IpuNet.Faces.Files;
using IpuNet.Faces.Pipeline;
using Microsoft.Extensions.FileSystemGlobbing;

namespace IpuNet.CommandLine.Inputs;

/// <summary>
/// Finds the images that arguments name: files, folders (searched to the bottom), and patterns such as "in/**/*.jpg". The content says what
/// is an image. What is none becomes an image that fails, so that it is reported like any other; hidden files of folders, and notes and data
/// that are no images, are left out.
/// </summary>
public static class ImageInputs
{
    private static readonly char[] Wildcards = ['*', '?'];

    /// <summary>Finds them, in the order of the arguments and of names.</summary>
    /// <param name="arguments">Files, folders and patterns.</param>
    /// <param name="outputFolder">Left out of the search, so that a second run does not take the first one's pictures; null for none.</param>
    /// <param name="isWhole">Files that are read whatever they are, such as archives where they are taken; null for none.</param>
    /// <exception cref="UsageException">There is no image at all.</exception>
    public static IReadOnlyList<ImageSource> Find(
        IReadOnlyList<string> arguments, string? outputFolder = null, Func<string, bool>? isWhole = null)
    {
        string[] roots = [.. arguments.Select(RootOf)];
        string root = roots.Aggregate(CommonFolder);
        var files = arguments.SelectMany(Files)
            .Where(file => outputFolder is null || !IsWithin(file.Path, Path.GetFullPath(outputFolder)))
            .DistinctBy(file => file.Path)
            .ToList();
        if (files.Count == 0 || files.TrueForAll(file => file.Missing))
            throw new UsageException($"{string.Join(", ", arguments)}: there is no image to take (JPEG, PNG, WebP or BMP).");
        return [.. files.Select(file => isWhole?.Invoke(file.Path) == true
            ? Whole(file.Path, NameOf(file.Path, root))
            : ImageSource.FromFile(file.Path, NameOf(file.Path, root)))];
    }

    /// <summary>A file that is read whatever it is.</summary>
    public static ImageSource Whole(string path, string name) => new(name, stop =>
    {
        SpecialFile.Refuse(path, name);
        return File.ReadAllBytesAsync(path, stop);
    });

    private static IEnumerable<(string Path, bool Missing)> Files(string argument)
    {
        if (Directory.Exists(argument))
            return FolderSearch.ImagesIn(Path.GetFullPath(argument)).Select(file => (file, false));
        if (File.Exists(argument) || argument.IndexOfAny(Wildcards) < 0)
            return [(Path.GetFullPath(argument), !File.Exists(argument))];

        string root = RootOf(argument);
        if (!Directory.Exists(root))
            return [];
        var matcher = new Matcher(StringComparison.Ordinal).AddInclude(Path.GetRelativePath(root, Path.GetFullPath(argument)).Replace('\\', '/'));
        return matcher.GetResultsInFullPath(root).Order(StringComparer.Ordinal).Select(file => (Path.GetFullPath(file), false));
    }

    // The folder that names are relative to: the folder itself, a file's folder, the part of a pattern before its first wildcard.
    private static string RootOf(string argument)
    {
        string full = Path.GetFullPath(argument);
        if (Directory.Exists(full))
            return Path.TrimEndingDirectorySeparator(full);
        int wildcard = File.Exists(full) ? -1 : full.IndexOfAny(Wildcards);
        return Path.GetDirectoryName(wildcard < 0 ? full : full[..wildcard])!;
    }

    private static string CommonFolder(string a, string b)
    {
        while (!IsWithin(b, a))
            a = Path.GetDirectoryName(a) ?? throw new UsageException($"{a} and {b} are on different drives: name one of them.");
        return a;
    }

    private static bool IsWithin(string path, string folder) =>
        path == folder || path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
        || folder == Path.GetPathRoot(folder) && path.StartsWith(folder, StringComparison.Ordinal);

    private static string NameOf(string path, string root) =>
        path == root ? Path.GetFileName(path) : Path.GetRelativePath(root, path).Replace('\\', '/');
}
