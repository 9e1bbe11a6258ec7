namespace IpuNet.Faces.Imaging;

/// <summary>Which files of a folder are meant to be images. What is in them is for <see cref="ImageDecoder"/> to say.</summary>
public static class ImageFiles
{
    /// <summary>Endings of the formats that <see cref="ImageDecoder"/> reads.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".jpg", ".jpeg", ".png", ".webp", ".bmp"];

    /// <summary>Whether the file's name ends like an image's.</summary>
    public static bool IsNamedSo(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
}
