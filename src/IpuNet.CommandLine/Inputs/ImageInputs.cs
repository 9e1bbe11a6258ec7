using IpuNet.Faces.Files;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using Microsoft.Extensions.FileSystemGlobbing;

namespace IpuNet.CommandLine.Inputs;

/// <summary>
/// Finds the images that arguments name: files, folders with their subfolders, and patterns such as "in/**/*.jpg". A file's content decides
/// whether it is an image. A file that is not becomes an image that fails, so that the run reports it. The search in folders skips hidden
/// files, and notes and data.
/// </summary>
public static class ImageInputs
{
    private static readonly char[] Wildcards = ['*', '?'];

    /// <summary>Finds the images, in the order of the arguments, and by name within a folder.</summary>
    /// <param name="arguments">Files, folders and patterns.</param>
    /// <param name="outputFolder">
    /// A folder that the search skips, so that a second run does not take the pictures of the first; null for none.
    /// </param>
    /// <param name="isWhole">Selects files that are read whatever their content, such as archives; null for none.</param>
    /// <exception cref="UsageException">
    /// An argument names a path that does not exist, or one within the output folder; or there is no image.
    /// </exception>
    public static IReadOnlyList<ImageSource> Find(
        IReadOnlyList<string> arguments, string? outputFolder = null, Func<string, bool>? isWhole = null)
    {
        RequireThere(arguments);
        if (outputFolder is not null)
            RequireOutside(arguments, outputFolder);
        string[] roots = [.. arguments.Select(RootOf)];
        string root = roots.Aggregate(CommonFolder);
        var files = arguments.SelectMany(Files)
            .Where(file => outputFolder is null || !IsWithin(file, Path.GetFullPath(outputFolder)))
            .Distinct()
            .ToList();
        if (files.Count == 0)
            throw new UsageException($"{string.Join(", ", arguments)}: no image found (JPEG, PNG, WebP or BMP).");
        return [.. files.Select(file => isWhole?.Invoke(file) == true
            ? Whole(file, NameOf(file, root))
            : ImageSource.FromFile(file, NameOf(file, root)))];
    }

    /// <summary>Checks that all paths of a command line exist, before anything is done. A pattern may match nothing.</summary>
    /// <param name="arguments">Files, folders and patterns.</param>
    /// <exception cref="UsageException">Some do not exist; the message names each.</exception>
    public static void RequireThere(IEnumerable<string> arguments) => Refuse(arguments.Select(FaultOf));

    /// <summary>Checks that arguments are files.</summary>
    /// <exception cref="UsageException">Some do not exist, or are folders; the message names each.</exception>
    public static void RequireFiles(params IEnumerable<string> arguments) => Refuse(arguments.Select(argument =>
        Directory.Exists(argument) ? $"{argument}: this is a folder. Name one image." : FaultOf(argument, isPattern: false)));

    /// <summary>Checks that an argument is a folder.</summary>
    /// <param name="argument">The argument.</param>
    /// <param name="wanted">What to name, as the end of a sentence that begins with "Name".</param>
    /// <exception cref="UsageException">It does not exist, or is a file.</exception>
    public static void RequireFolder(string argument, string wanted)
    {
        if (!Directory.Exists(argument))
        {
            string fault = File.Exists(argument) ? "this is a file" : "there is no such folder";
            throw new UsageException($"{argument}: {fault}. Name {wanted}.");
        }
    }

    /// <summary>A file that is read whatever its content.</summary>
    public static ImageSource Whole(string path, string name) => new(name, stop =>
    {
        SpecialFile.Refuse(path, name);
        return File.ReadAllBytesAsync(path, stop);
    });

    private static void Refuse(IEnumerable<string?> faults)
    {
        string[] known = [.. faults.OfType<string>()];
        if (known.Length > 0)
            throw new UsageException(string.Join(" ", known));
    }

    private static string? FaultOf(string argument) => FaultOf(argument, argument.IndexOfAny(Wildcards) >= 0);

    private static string? FaultOf(string argument, bool isPattern)
    {
        if (!MissingFile.Is(argument))
            return null;
        if (isPattern)
            return Directory.Exists(RootOf(argument)) ? null : $"{argument}: there is no such folder.";
        return $"{argument}: {MissingFile.Describe(argument)}.";
    }

    private static void RequireOutside(IReadOnlyList<string> arguments, string outputFolder)
    {
        if (arguments.FirstOrDefault(argument => IsWithin(Path.GetFullPath(argument), Path.GetFullPath(outputFolder))) is { } inside)
        {
            throw new UsageException(
                $"{inside}: lies in {outputFolder}, where this command writes; it takes no images from there. Name another folder for one "
                + "of them.");
        }
    }

    private static IEnumerable<string> Files(string argument)
    {
        if (Directory.Exists(argument))
            return FolderSearch.ImagesIn(Path.GetFullPath(argument));
        if (File.Exists(argument))
            return [Path.GetFullPath(argument)];

        string root = RootOf(argument);
        string pattern = Path.GetRelativePath(root, Path.GetFullPath(argument)).Replace('\\', '/');
        Matcher matcher = new Matcher(StringComparison.Ordinal).AddInclude(pattern);
        return matcher.GetResultsInFullPath(root).Order(StringComparer.Ordinal).Select(Path.GetFullPath);
    }

    // Names are relative to this folder: the folder itself, a file's folder, or the part of a pattern before its first wildcard.
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
        Path.TrimEndingDirectorySeparator(path) == Path.TrimEndingDirectorySeparator(folder)
        || path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
        || folder == Path.GetPathRoot(folder) && path.StartsWith(folder, StringComparison.Ordinal);

    private static string NameOf(string path, string root) =>
        path == root ? Path.GetFileName(path) : Path.GetRelativePath(root, path).Replace('\\', '/');
}

/// <summary>
/// Finds the files of a folder and its subfolders, by name. Skips hidden files and files that nobody means as an image; all others are
/// returned, so that the run reports those that are not images.
/// </summary>
internal static class FolderSearch
{
    /// <returns>Full paths. A folder without read permission is returned itself: reading it fails, and the run reports it.</returns>
    public static IEnumerable<string> ImagesIn(string folder)
    {
        string[] files, folders;
        try
        {
            files = [.. Directory.GetFiles(folder).Where(IsMeantFile).Order(StringComparer.Ordinal)];
            // A link may lead in a circle.
            folders =
            [
                .. Directory.GetDirectories(folder)
                    .Where(inner => IsMeant(inner) && new DirectoryInfo(inner).LinkTarget is null)
                    .Order(StringComparer.Ordinal),
            ];
        }
        catch (UnauthorizedAccessException)
        {
            return [folder];
        }

        return files.Concat(folders.SelectMany(ImagesIn));
    }

    private static bool IsMeant(string path) => !ImageFiles.IsSideFile(Path.GetFileName(path));

    // An image counts as one whatever its name.
    private static bool IsMeantFile(string path) =>
        IsMeant(path) || (!ImageFiles.IsHidden(Path.GetFileName(path)) && ImageDecoder.IsImageFile(path));
}
