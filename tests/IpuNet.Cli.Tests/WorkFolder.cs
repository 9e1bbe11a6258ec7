using IpuNet.Faces.Imaging;

namespace IpuNet.Cli.Tests;

/// <summary>A folder for a test, with images that are made up.</summary>
internal sealed class WorkFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("ipunet-cli-").FullName;

    public string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    public string Write(string name, byte[] content)
    {
        string path = Path(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>A small image that passes for a cut-out face.</summary>
    public string WriteCrop(string name, int side = 24, int seed = 1) => Write(name, ImageEncoder.EncodePng(Picture(side, side, seed)));

    public static RgbImage Picture(int width, int height, int seed)
    {
        var picture = new RgbImage(width, height);
        for (int i = 0; i < picture.Pixels.Length; i++)
            picture.Pixels[i] = (byte)(127 + 100 * Math.Sin(i * 0.013 * seed) * Math.Cos(i * 0.0007 * (seed + 1)));
        return picture;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
