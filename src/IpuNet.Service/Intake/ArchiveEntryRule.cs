using System.Globalization;
using System.IO.Compression;
using IpuNet.Faces.Imaging;

namespace IpuNet.Service.Intake;

/// <summary>
/// Which entries of an archive are taken. All but the format is judged by what the archive's directory says, before a byte is unpacked; the
/// format by the first bytes, whatever the name says.
/// </summary>
internal sealed class ArchiveEntryRule(string archive, UploadLimits limits)
{
    // The upper half of the attributes is Unix's mode, whose highest four bits are the file's type.
    private const int TypeShift = 28, LinkType = 0xA;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>An entry's name. Windows' own programs separate folders by backslashes: PowerShell 5.1 does.</summary>
    public static string NameOf(ZipArchiveEntry entry) => entry.FullName.Replace('\\', '/');

    /// <summary>
    /// Whether it is what systems put into archives on their own, or nobody means as an image: folders, hidden files, notes and data.
    /// </summary>
    /// <param name="name">As <see cref="NameOf"/> gives it.</param>
    public static bool IsSkipped(string name) => name.EndsWith('/') || (!LeadsOut(name) && ImageFiles.IsSideFile(name));

    /// <summary>Why an entry is not taken.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="name">Its name, as <see cref="NameOf"/> gives it.</param>
    /// <returns>Null where it is taken.</returns>
    public UploadFault? FaultOf(ZipArchiveEntry entry, string name)
    {
        if (LeadsOut(name))
            return new("name", "its name leads out of the archive");
        if ((UploadName.FaultOf(name) ?? UploadName.FaultOf($"{archive}/{name}")) is { } fault)
            return new("name", $"its name {fault}");
        if (UploadName.IsArchive(name))
            return new("kind", "it is an archive; pack its images themselves");
        if (entry.IsEncrypted)
            return new("encrypted", "it is encrypted");
        if ((uint)entry.ExternalAttributes >> TypeShift == LinkType)
            return new("link", "it is a link");
        if (entry.Length == 0)
            return UploadKind.Empty;
        if (entry.Length < 0 || entry.CompressedLength < 0)
            return new("damage", "it is damaged: the archive gives a length that no file has");
        if (entry.Length > limits.MaxImageBytes)
            return UploadKind.TooLong(entry.Length, limits.MaxImageBytes);
        if (entry.Length / limits.MaxRatio > entry.CompressedLength)
        {
            long ratio = entry.Length / Math.Max(1, entry.CompressedLength);
            return new("ratio", string.Create(
                CultureInfo.InvariantCulture, $"it is {ratio:N0} times as long as its packed form; at most {limits.MaxRatio} is allowed"));
        }

        return _names.Add(name) ? null : new("name", "an entry of this name came before it");
    }

    private static bool LeadsOut(string name) => name.Split('/').Contains("..");
}
