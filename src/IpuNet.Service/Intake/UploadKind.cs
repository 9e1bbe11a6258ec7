using System.Globalization;
using IpuNet.Faces.Imaging;

namespace IpuNet.Service.Intake;

/// <summary>What an upload is by its name, and what is said of one that is refused for its kind or length.</summary>
internal static class UploadKind
{
    private const string ArchiveExtension = ".zip";

    public static UploadFault Empty { get; } = new("empty", "it is empty");

    public static bool IsArchive(string file) => file.EndsWith(ArchiveExtension, StringComparison.OrdinalIgnoreCase);

    public static UploadFault WrongExtension(string file)
    {
        string extension = Path.GetExtension(file);
        return new("kind", $"it ends in {(extension is "" ? "no extension" : $"'{UploadName.Shown(extension)}'")}; images end in {string.Join(", ", ImageFiles.Extensions)}");
    }

    public static UploadFault TooLong(long bytes, long most) =>
        new("length", string.Create(CultureInfo.InvariantCulture, $"it has {bytes:N0} bytes; at most {most:N0} are allowed"));
}
