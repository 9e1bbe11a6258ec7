using IpuNet.Faces.Imaging;

namespace IpuNet.Cli.Inputs;

/// <summary>The image files of a folder and of those in it, in the order of their names.</summary>
internal static class FolderSearch
{
    /// <returns>Full paths. A folder that may not be read is returned itself, so that reading it fails and is reported.</returns>
    public static IEnumerable<string> ImagesIn(string folder)
    {
        string[] files, folders;
        try
        {
            files = [.. Directory.GetFiles(folder).Where(ImageFiles.IsNamedSo).Order(StringComparer.Ordinal)];
            // A link may lead back to where it lies.
            folders = [.. Directory.GetDirectories(folder).Where(inner => new DirectoryInfo(inner).LinkTarget is null).Order(StringComparer.Ordinal)];
        }
        catch (UnauthorizedAccessException)
        {
            return [folder];
        }

        return files.Concat(folders.SelectMany(ImagesIn));
    }
}
