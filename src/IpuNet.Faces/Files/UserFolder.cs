using System.Globalization;
using System.Runtime.InteropServices;

namespace IpuNet.Faces.Files;

/// <summary>
/// Where programs keep what is their user's: <c>ipunet</c> in the folder for application data (on Linux <c>$XDG_DATA_HOME</c>, else
/// <c>~/.local/share</c>). For a user without a home it is a folder of theirs alone under the temporary folder, for what need not last.
/// </summary>
public static partial class UserFolder
{
    private const string Program = "ipunet";
    private const UnixFileMode UserOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static string Remedy =>
        OperatingSystem.IsLinux() ? "Set XDG_DATA_HOME to a folder that you can write to." : "Set HOME to a folder that you can write to.";

    // Nothing is made or looked at.
    private static string Lasting => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), Program);

    /// <summary>Whether the user has a home that can be written to.</summary>
    public static bool HasHome =>
        CanWrite(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify));

    /// <summary>The path of something of the user's that can be had again when it is lost; the folder that it is in is made.</summary>
    /// <exception cref="FaceDataException">Nothing can be written; it says what to set.</exception>
    public static string Of(string name) => Path.Combine(IsUsable(Lasting) ? Lasting : Temporary(), name);

    /// <summary>Where something of the user's that must not be lost would be. Nothing is made or looked at.</summary>
    public static string LastingPlace(string name) => Path.Combine(Lasting, name);

    /// <summary>Whether a folder is there and this process may write to it.</summary>
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
            throw new FaceDataException($"{Lasting}: cannot be written to. {Remedy}");
        if (!CanWrite(parent))
            throw new FaceDataException($"{Lasting}: cannot be written to, nor can {parent}. {Remedy}");
        return TemporaryIn(parent);
    }

    /// <summary>
    /// The user's folder under one that all may write to: always the same, and used only if nobody else could have put anything there.
    /// </summary>
    /// <exception cref="FaceDataException">It is a link, or somebody else may write to it.</exception>
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
            : throw new FaceDataException($"{folder}: is not used, for others may write to it. Remove it if it is not yours. {Remedy}");
    }

    // A link is not followed.
    private static FileEntry EntryOf(string path) =>
        FileEntry.Of(path, isFollowed: false) ?? throw new FaceDataException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}. {Remedy}");

    private static partial class Native
    {
        // access(2): W_OK | X_OK.
        public const int WriteAndEnter = 2 | 1;

        [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
        public static partial int Access(string path, int rights);

        [LibraryImport("libc", EntryPoint = "geteuid")]
        public static partial uint User();
    }
}
