using System.IO.Compression;
using IpuNet.Faces.Imaging;

namespace IpuNet.Service.Intake;

/// <summary>Which entries of an archive are taken. Everything is judged by what the archive's directory says, before a byte is unpacked.</summary>
internal sealed class ArchiveEntryRule(string archive, UploadLimits limits)
{
    private const string MacFolder = "__MACOSX";

    // The upper half of the attributes is Unix's mode, whose highest four bits are the file's type.
    private const int TypeShift = 28, LinkType = 0xA;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Whether it is what systems put into archives on their own: folders, and files that are hidden.</summary>
    public static bool IsSkipped(ZipArchiveEntry entry) =>
        entry.FullName.EndsWith('/')
        || entry.FullName.Split('/') is var segments && (segments[0] == MacFolder || Array.Exists(segments, IsHidden));

    /// <summary>Why an entry is not taken.</summary>
    /// <returns>Null where it is taken.</returns>
    public UploadFault? FaultOf(ZipArchiveEntry entry)
    {
        string name = entry.FullName;
        if ((UploadName.FaultOf(name) ?? UploadName.FaultOf($"{archive}/{name}")) is { } fault)
            return new("name", $"its name {fault}");
        if (UploadKind.IsArchive(name))
            return new("kind", "it is an archive; pack its images themselves");
        if (!ImageFiles.IsNamedSo(name))
            return UploadKind.WrongExtension(name);
        if (entry.IsEncrypted)
            return new("encrypted", "it is encrypted");
        if ((uint)entry.ExternalAttributes >> TypeShift == LinkType)
            return new("link", "it is a link");
        if (entry.Length == 0)
            return UploadKind.Empty;
        if (entry.Length > limits.MaxImageBytes)
            return UploadKind.TooLong(entry.Length, limits.MaxImageBytes);
        if (entry.Length / limits.MaxRatio > entry.CompressedLength)
            return new("ratio", $"it is {entry.Length / Math.Max(1, entry.CompressedLength)} times as long as its packed form; at most {limits.MaxRatio} is allowed");
        return _names.Add(name) ? null : new("name", "an entry of this name came before it");
    }

    // "." and ".." are no names of files, and "..\\x" is somebody's try.
    private static bool IsHidden(string segment) => segment.Length > 1 && segment[0] == '.' && segment[1] != '.';
}
