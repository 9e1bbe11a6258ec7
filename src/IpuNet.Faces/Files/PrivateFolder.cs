using System.Runtime.Versioning;

namespace IpuNet.Faces.Files;

/// <summary>
/// Folders of what the programs keep about people: their user's alone (0700), and the files in them, too (0600). On Windows a file has the rights of
/// its folder, and nothing is done.
/// </summary>
public static class PrivateFolder
{
    /// <summary>Rights of a file: its user reads and writes it.</summary>
    public const UnixFileMode OfFiles = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode OfFolders = OfFiles | UnixFileMode.UserExecute;
    private const UnixFileMode WriteOfOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private const UnixFileMode OfOthers = WriteOfOthers
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    // A link may lead to what is not ours.
    private static readonly EnumerationOptions Direct = new() { AttributesToSkip = FileAttributes.ReparsePoint };
    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    /// <summary>Makes a folder, and those that it lies in; what is there stays as it is, for it may be anything of the user's.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static void Create(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        // .NET gives the rights to the last folder only.
        string full = Path.GetFullPath(folder);
        if (Directory.Exists(full))
            return;
        if (Path.GetDirectoryName(full) is { } parent)
            Create(parent);
        Directory.CreateDirectory(full, OfFolders);
    }

    /// <summary>Makes a folder that is the program's own, or closes one that is there, with all that is in it, to everybody but its user.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="isOwn">Which entries of it, by name, are the program's, where the user may keep something else beside; the folder itself is then
    /// closed only where there is nothing else. Null for all.</param>
    /// <exception cref="FaceDataException">Others can read something in it, and it is not this user's to close.</exception>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static void Open(string folder, Func<string, bool>? isOwn = null)
    {
        Create(folder);
        if (OperatingSystem.IsWindows())
            return;
        ILookup<bool, FileSystemInfo> entries = new DirectoryInfo(folder).EnumerateFileSystemInfos("*", Direct).ToLookup(entry => isOwn?.Invoke(entry.Name) ?? true);
        // From the top: what is below a closed folder is out of reach while the rest is closed.
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

    /// <summary>Makes sure that nobody but its user can have put files into a folder; one that is empty or missing is in order.</summary>
    /// <exception cref="FaceDataException">Others may write to it.</exception>
    public static void RequireOwnContent(string folder)
    {
        if (OperatingSystem.IsWindows() || !Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any())
            return;
        if ((File.GetUnixFileMode(folder) & WriteOfOthers) != 0)
        {
            throw new FaceDataException(
                $"{folder}: others may write to it, and so have put something there. Look what is in it and keep others out (`chmod go-w {folder}`), or name another folder.");
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
            // Others of this user's work here, too.
        }
        catch (UnauthorizedAccessException error)
        {
            throw new FaceDataException($"{path}: others can read it, and it belongs to another user. Make it yours (`chown`), or name another folder.", error);
        }
    }
}
