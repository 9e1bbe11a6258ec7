using System.Runtime.Versioning;
using IpuNet.Contract;

namespace IpuNet.Faces.Files;

/// <summary>
/// Makes and closes the folders for personal data. Only their owner has access: mode 0700 for folders, 0600 for the files in them. On
/// Windows files inherit the rights of their folder, so nothing is done there.
/// </summary>
public static class PrivateFolder
{
    /// <summary>The mode of private files, 0600: the owner reads and writes them.</summary>
    public const UnixFileMode OfFiles = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode OfFolders = OfFiles | UnixFileMode.UserExecute;
    private const UnixFileMode WriteOfOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private const UnixFileMode OfOthers = WriteOfOthers
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    // Links are skipped, because they may lead to other people's files.
    private static readonly EnumerationOptions Direct = new() { AttributesToSkip = FileAttributes.ReparsePoint };
    private static readonly EnumerationOptions Everything =
        new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    /// <summary>
    /// Creates a folder and its missing parents, with mode 0700. A folder that exists keeps its mode, because it may hold other things.
    /// </summary>
    /// <param name="folder">The folder's path.</param>
    /// <exception cref="IOException">The folder cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not create the folder.</exception>
    public static void Create(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        // .NET applies the mode only to the last folder of a path.
        string full = Path.GetFullPath(folder);
        if (Directory.Exists(full))
            return;
        if (Path.GetDirectoryName(full) is { } parent)
            Create(parent);
        Directory.CreateDirectory(full, OfFolders);
    }

    /// <summary>
    /// Creates a private folder, or closes an existing one: removes all rights of other users from the folder and everything in it.
    /// </summary>
    /// <param name="folder">The folder's path.</param>
    /// <param name="isOwn">
    /// Tells by its name whether an entry of the folder belongs to the program. The user's other entries keep their rights, and so does the
    /// folder itself if it has such entries. Null means that all entries belong to the program.
    /// </param>
    /// <exception cref="FaceDataException">Other users can read an entry, and it belongs to another user.</exception>
    /// <exception cref="IOException">The folder cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not create the folder.</exception>
    public static void Open(string folder, Func<string, bool>? isOwn = null)
    {
        Create(folder);
        if (OperatingSystem.IsWindows())
            return;
        ILookup<bool, FileSystemInfo> entries = new DirectoryInfo(folder).EnumerateFileSystemInfos("*", Direct)
            .ToLookup(entry => isOwn?.Invoke(entry.Name) ?? true);
        // From the top down: nobody reaches the entries below a closed folder while they are closed.
        if (!entries[false].Any())
            Close(folder, OfFolders);
        foreach (FileSystemInfo entry in entries[true])
        {
            Close(entry);
            if (entry is not DirectoryInfo own)
                continue;
            foreach (FileSystemInfo below in own.EnumerateFileSystemInfos("*", Everything))
                Close(below);
        }
    }

    /// <summary>Whether a folder is there and other users have a right to it. Always false on Windows.</summary>
    /// <param name="folder">The folder's path.</param>
    public static bool IsOpenToOthers(string folder) =>
        !OperatingSystem.IsWindows() && Directory.Exists(folder) && (File.GetUnixFileMode(folder) & OfOthers) != 0;

    /// <summary>
    /// Checks that no other user can have put files into a folder. A missing or empty folder passes.
    /// </summary>
    /// <param name="folder">The folder's path.</param>
    /// <exception cref="FaceDataException">Other users may write to the folder.</exception>
    public static void RequireOwnContent(string folder)
    {
        if (OperatingSystem.IsWindows() || !Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any())
            return;
        if ((File.GetUnixFileMode(folder) & WriteOfOthers) != 0)
        {
            throw new FaceDataException(
                $"{folder}: other users may write to this folder, so its files may be theirs. "
                + $"Check the files and remove that right (`chmod go-w {folder}`), or choose another folder.");
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static void Close(FileSystemInfo entry) => Close(entry.FullName, entry is DirectoryInfo ? OfFolders : OfFiles);

    [UnsupportedOSPlatform("windows")]
    private static void Close(string path, UnixFileMode rights)
    {
        try
        {
            UnixFileMode present = File.GetUnixFileMode(path);
            if ((present & OfOthers) != 0)
                File.SetUnixFileMode(path, present & rights);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            // Another process of this user removed the entry.
        }
        catch (UnauthorizedAccessException error)
        {
            throw new FaceDataException(
                $"{path}: other users can read it, and it belongs to another user. Make it yours (`chown`), or choose another folder.",
                error);
        }
    }
}
