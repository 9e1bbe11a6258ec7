using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Hashing;
using IpuNet.Faces.Imaging;

namespace IpuNet.Testing;

/// <summary>A temporary folder for one test, with made-up images. It is deleted after the test.</summary>
public sealed class TestFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("ipunet-test-").FullName;

    public string this[string name] => Path.Combine(Root, name);

    public string Folder(string name) => Directory.CreateDirectory(this[name]).FullName;

    public string Write(string name, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[name])!);
        File.WriteAllBytes(this[name], content);
        return this[name];
    }

    public string Write(string name, string content) => Write(name, System.Text.Encoding.UTF8.GetBytes(content));

    /// <summary>Writes a crop of a made-up "face": a pattern as sharp as a face. Each person has another pattern.</summary>
    public string WriteFace(string name, int person, int size = 96) => Write(name, ImageEncoder.EncodePng(Pattern(person, size)));

    /// <summary>Makes a pipe without a writer. A reader would wait for it forever. Skips the test if the system is not Linux.</summary>
    public string WritePipe(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Pipes are tested on Linux only.");
        Directory.CreateDirectory(Path.GetDirectoryName(this[name])!);
        using Process make = Process.Start("mkfifo", [this[name]]);
        make.WaitForExit();
        return this[name];
    }

    public static RgbImage Pattern(int person, int size)
    {
        var coarse = new RgbImage(16, 16);
        new Random(person).NextBytes(coarse.Pixels);
        return Resampler.Resize(coarse, size, size, ResampleFilter.Bicubic);
    }

    /// <summary>A small PNG file with a header that claims 30,000 x 30,000 pixels.</summary>
    public static byte[] HugePng()
    {
        byte[] png = ImageEncoder.EncodePng(Pattern(1, 64));
        // The file has 8 bytes of signature. IHDR has 4 bytes of length, 4 of name and 13 of data, and then the checksum. The data begin
        // with width and height.
        byte[] side = [0, 0, 0x75, 0x30];
        side.CopyTo(png, 16);
        side.CopyTo(png, 20);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc32.HashToUInt32(png.AsSpan(12, 17)));
        return png;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
