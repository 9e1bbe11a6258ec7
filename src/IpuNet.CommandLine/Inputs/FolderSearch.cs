using IpuNet.Faces.Imaging;

namespace IpuNet.CommandLine.Inputs;

/// <summary>
/// The files of a folder and of those in it, in the order of their names: all that may be meant as images, so that what is none is told.
/// What nobody means as an image is left out.
/// </summary>
internal static class FolderSearch
{
    /// <returns>Full paths. A folder that may not be read is returned itself, so that reading it fails and is reported.</returns>
    public static IEnumerable<string> ImagesIn(string folder)
    {
        string[] files, folders;
        try
        {
            files = [.. Directory.GetFiles(folder).Where(IsMeantFile).Order(StringComparer.Ordinal)];
            // A link may lead back to where it lies.
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

    // A picture is one whatever its name says.
    private static bool IsMeantFile(string path) => IsMeant(path) || (!ImageFiles.IsHidden(Path.GetFileName(path)) && ImageDecoder.IsImageFile(path));
}
