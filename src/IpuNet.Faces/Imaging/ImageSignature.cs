namespace IpuNet.Faces.Imaging;

/// <summary>Recognises a file's format by its first bytes, whatever its name says.</summary>
internal static class ImageSignature
{
    /// <summary>How many bytes of a file are enough.</summary>
    public const int Length = 16;

    /// <summary>The format's name of archives.</summary>
    public const string Archive = "ZIP";

    /// <summary>Whether the format of this name is one that is decoded.</summary>
    public static bool IsAccepted(string format) => format is "JPEG" or "PNG" or "WebP" or "BMP";

    /// <summary>The format's name, of the decoded formats and of those that people mistake for them; null for anything else.</summary>
    public static string? FormatOf(ReadOnlySpan<byte> data) => data switch
    {
        [0xFF, 0xD8, 0xFF, ..] => "JPEG",
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => "PNG",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => "WebP",
        [(byte)'B', (byte)'M', _, _, _, _, 0, 0, 0, 0, ..] => "BMP",
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => "GIF",
        [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..] => "TIFF",
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', .. var brand] => BaseMediaFormat(brand),
        [0xFF, 0x0A, ..] or [0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', (byte)' ', ..] => "JPEG XL",
        [0, 0, 0, 12, (byte)'j', (byte)'P', (byte)' ', (byte)' ', ..] => "JPEG 2000",
        [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => "PDF",
        [(byte)'P', (byte)'K', 3, 4, ..] => Archive,
        _ => null,
    };

    // HEIC photos, AVIF pictures and films share one container; its brand tells them apart.
    private static string BaseMediaFormat(ReadOnlySpan<byte> brand) => brand switch
    {
        [(byte)'h', (byte)'e', ..] or [(byte)'m', (byte)'i', (byte)'f', _, ..] => "HEIC",
        [(byte)'a', (byte)'v', (byte)'i', ..] => "AVIF",
        _ => "video",
    };
}
