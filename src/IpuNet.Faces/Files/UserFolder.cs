using System.Globalization;
using System.Runtime.InteropServices;
using IpuNet.Contract;

namespace IpuNet.Faces.Files;

/// <summary>
/// The user's folder for the programs' data: <c>ipunet</c> in the folder for application data (on Linux <c>$XDG_DATA_HOME</c>, else
/// <c>~/.local/share</c>). For a user without a home, data that can be recreated goes to a private folder in the temporary folder.
/// </summary>
public static partial class UserFolder
{
    private const string Program = "ipunet";
    private const UnixFileMode UserOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static string Remedy =>
        OperatingSystem.IsLinux() ? "Set XDG_DATA_HOME to a folder that you can write to." : "Set HOME to a folder that you can write to.";

    private static string Lasting => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), Program);

    /// <summary>Whether the user has a home folder and this process may write to it.</summary>
    public static bool HasHome =>
        CanWrite(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify));

    /// <summary>The path for data that can be recreated. Its folder is created.</summary>
    /// <param name="name">The file's or folder's name.</param>
    /// <exception cref="FaceDataException">No folder can be written to. The message says which variable to set.</exception>
    public static string Of(string name) => Path.Combine(IsUsable(Lasting) ? Lasting : Temporary(), name);

    /// <summary>The path for data that must not be lost. Nothing is created or checked.</summary>
    /// <param name="name">The file's or folder's name.</param>
    public static string LastingPlace(string name) => Path.Combine(Lasting, name);

    /// <summary>Whether a folder exists and this process may write to it.</summary>
    /// <param name="folder">The folder's path.</param>
    public static bool CanWrite(string folder) =>
        Directory.Exists(folder) && (OperatingSystem.IsWindows() || Native.Access(folder, Native.WriteAndEnter) == 0);

    private static bool IsUsable(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return CanWrite(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Temporary()
    {
        string parent = Path.GetTempPath();
        if (!OperatingSystem.IsLinux())
            throw new FaceDataException($"{Lasting}: this folder cannot be written to. {Remedy}");
        if (!CanWrite(parent))
            throw new FaceDataException($"{Lasting}: neither this folder nor {parent} can be written to. {Remedy}");
        return TemporaryIn(parent);
    }

    /// <summary>
    /// The user's folder in a folder that everybody may write to. Its name is always the same, and it is used only if no other user may
    /// write to it.
    /// </summary>
    /// <exception cref="FaceDataException">The folder is a link, or another user may write to it.</exception>
    internal static string TemporaryIn(string parent)
    {
        uint user = Native.User();
        string folder = Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $"{Program}-{user}"));
        if (!OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder, UserOnly);
        FileEntry above = EntryOf(parent), entry = EntryOf(folder);
        bool staysInPlace = (above.User == user || above.User == 0) && (above.IsSticky || !above.OthersMayWrite);
        return staysInPlace && entry is { IsFolder: true, OthersMayWrite: false } && entry.User == user
            ? folder
            : throw new FaceDataException($"{folder}: other users may write to this folder. Remove it if it is not yours. {Remedy}");
    }

    private static FileEntry EntryOf(string path) =>
        FileEntry.Of(path, isFollowed: false) ?? throw new FaceDataException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}. {Remedy}");

    private static partial class Native
    {
        // The constants of access(2): W_OK | X_OK.
        public const int WriteAndEnter = 2 | 1;

        [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
        public static partial int Access(string path, int rights);

        [LibraryImport("libc", EntryPoint = "geteuid")]
        public static partial uint User();
    }
}
