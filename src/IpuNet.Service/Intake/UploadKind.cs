using System.Globalization;
using IpuNet.Faces.Imaging;

namespace IpuNet.Service.Intake;

/// <summary>What an upload is by its name, and what is said of one that is refused for its kind or length.</summary>
internal static class UploadKind
{
    public static UploadFault Empty { get; } = new("empty", "it is empty");

    /// <summary>What is said of a file that is no image, by its first bytes; null where it is one.</summary>
    public static UploadFault? WrongFormat(ReadOnlySpan<byte> start) =>
        ImageDecoder.FormatFaultOf(start) is { } fault ? new("kind", fault) : null;

    public static UploadFault TooLong(long bytes, long most) =>
        new("length", string.Create(CultureInfo.InvariantCulture, $"it has {bytes:N0} bytes; at most {most:N0} are allowed"));
}
