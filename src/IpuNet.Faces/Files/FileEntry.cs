using System.Runtime.InteropServices;
using IpuNet.Contract;

namespace IpuNet.Faces.Files;

/// <summary>The owner, kind and rights of a file or folder, on Linux.</summary>
internal readonly partial record struct FileEntry(uint User, int Mode)
{
    // The constants of stat(2).
    private const int Kind = 0xF000, File = 0x8000, Folder = 0x4000, Sticky = 0x200, GroupWrites = 0x10, OthersWrite = 0x2;

    public bool IsFolder => (Mode & Kind) == Folder;

    public bool IsFile => (Mode & Kind) == File;

    public bool IsSticky => (Mode & Sticky) != 0;

    public bool OthersMayWrite => (Mode & (GroupWrites | OthersWrite)) != 0;

    /// <summary>Reads the entry at a path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="isFollowed">Whether to follow a symbolic link.</param>
    /// <returns>Null on an error; <see cref="Marshal.GetLastPInvokeErrorMessage"/> then gives the reason.</returns>
    public static FileEntry? Of(string path, bool isFollowed)
    {
        Span<byte> answer = stackalloc byte[Native.AnswerLength];
        ref byte first = ref MemoryMarshal.GetReference(answer);
        return Native.Look(Native.CurrentFolder, path, isFollowed ? 0 : Native.DoNotFollow, Native.UserAndMode, ref first) == 0
            ? new FileEntry(MemoryMarshal.Read<uint>(answer[Native.UserOffset..]), MemoryMarshal.Read<ushort>(answer[Native.ModeOffset..]))
            : null;
    }

    private static partial class Native
    {
        // The constants of statx(2): AT_FDCWD, AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_MODE | STATX_UID. Unlike stat(2), its answer has the
        // same layout on every CPU.
        public const int CurrentFolder = -100, DoNotFollow = 0x100, UserAndMode = 0x1 | 0x2 | 0x8;
        public const int AnswerLength = 256, UserOffset = 20, ModeOffset = 28;

        [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        public static partial int Look(int folder, string path, int flags, uint what, ref byte answer);
    }
}

/// <summary>Recognises pipes, sockets and devices: neither files nor folders. Reading one may never end.</summary>
public static class SpecialFile
{
    /// <summary>Refuses a pipe, a socket or a device.</summary>
    /// <param name="path">The path. A symbolic link is followed.</param>
    /// <param name="name">The file's name, for the error message.</param>
    /// <exception cref="FaceDataException">The path leads to a pipe, a socket or a device.</exception>
    public static void Refuse(string path, string name)
    {
        if (Is(path))
            throw new FaceDataException($"{name}: is a pipe, a socket or a device, not a file; save its content to a file first");
    }

    /// <summary>Whether the path leads to a pipe, a socket or a device. Always false on systems other than Linux.</summary>
    /// <param name="path">The path. A symbolic link is followed.</param>
    public static bool Is(string path) =>
        OperatingSystem.IsLinux() && FileEntry.Of(path, isFollowed: true) is { IsFile: false, IsFolder: false };
}

/// <summary>What error messages say of a path that does not exist.</summary>
public static class MissingFile
{
    /// <summary>Whether a path does not exist. A symbolic link is followed: one that leads nowhere does not exist.</summary>
    /// <param name="path">The path.</param>
    public static bool Is(string path)
    {
        if (Directory.Exists(path))
            return false;
        try
        {
            return !File.Exists(path) || File.ResolveLinkTarget(path, returnFinalTarget: true) is { Exists: false };
        }
        catch (IOException)
        {
            // Links that lead in a circle.
            return true;
        }
    }

    /// <summary>Says that a path does not exist, or where a link leads that leads nowhere.</summary>
    /// <param name="path">The path.</param>
    /// <returns>A sentence without a full stop.</returns>
    public static string Describe(string path) => new FileInfo(path).LinkTarget is { } target
        ? $"this link leads to {target}, which does not exist"
        : "there is no such file or folder";
}
