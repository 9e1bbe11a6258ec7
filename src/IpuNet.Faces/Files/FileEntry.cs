using System.Runtime.InteropServices;

namespace IpuNet.Faces.Files;

/// <summary>What stands at a path, on Linux: whose it is, what it is, and who may do what with it.</summary>
internal readonly partial record struct FileEntry(uint User, int Mode)
{
    // The kinds and rights of stat(2).
    private const int Kind = 0xF000, File = 0x8000, Folder = 0x4000, Sticky = 0x200, GroupWrites = 0x10, OthersWrite = 0x2;

    public bool IsFolder => (Mode & Kind) == Folder;

    public bool IsFile => (Mode & Kind) == File;

    public bool IsSticky => (Mode & Sticky) != 0;

    public bool OthersMayWrite => (Mode & (GroupWrites | OthersWrite)) != 0;

    /// <param name="path">The path.</param>
    /// <param name="isFollowed">Whether a link stands for what it points to.</param>
    /// <returns>Null where it cannot be looked at; <see cref="Marshal.GetLastPInvokeErrorMessage"/> says why.</returns>
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
        // statx(2), whose answer is the same on every processor: AT_FDCWD, AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_MODE | STATX_UID.
        public const int CurrentFolder = -100, DoNotFollow = 0x100, UserAndMode = 0x1 | 0x2 | 0x8;
        public const int AnswerLength = 256, UserOffset = 20, ModeOffset = 28;

        [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        public static partial int Look(int folder, string path, int flags, uint what, ref byte answer);
    }
}

/// <summary>What a search of a folder may meet and is neither file nor folder: a pipe, a socket, a device. Reading it may never end.</summary>
public static class SpecialFile
{
    /// <summary>Lets files pass.</summary>
    /// <param name="path">The path; a link stands for what it points to.</param>
    /// <param name="name">What the message calls it.</param>
    /// <exception cref="FaceDataException">It is a pipe, a socket or a device.</exception>
    public static void Refuse(string path, string name)
    {
        if (Is(path))
            throw new FaceDataException($"{name}: is no file but a pipe, a socket or a device; save what it gives to a file first");
    }

    /// <summary>Whether it is one. Elsewhere than on Linux that is not asked.</summary>
    public static bool Is(string path) =>
        OperatingSystem.IsLinux() && FileEntry.Of(path, isFollowed: true) is { IsFile: false, IsFolder: false };
}
