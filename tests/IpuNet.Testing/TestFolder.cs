using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Hashing;
using IpuNet.Faces.Imaging;

namespace IpuNet.Testing;

/// <summary>A folder of a test's own, with pictures that are made up, gone after it.</summary>
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

    /// <summary>A cut-out "face": a pattern as sharp as a face, another for every person.</summary>
    public string WriteFace(string name, int person, int size = 96) => Write(name, ImageEncoder.EncodePng(Pattern(person, size)));

    /// <summary>A pipe without a writer, which a reader waits for forever. Skips the test on systems without pipes.</summary>
    public string WritePipe(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Pipes are looked for on Linux.");
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

    /// <summary>The start of a PNG file that says it has 30,000 x 30,000 pixels.</summary>
    public static byte[] HugePng()
    {
        byte[] png = ImageEncoder.EncodePng(Pattern(1, 64));
        // IHDR: 8 bytes of signature, length and name, then width and height; its checksum follows the 13 bytes of data.
        byte[] side = [0, 0, 0x75, 0x30];
        side.CopyTo(png, 16);
        side.CopyTo(png, 20);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc32.HashToUInt32(png.AsSpan(12, 17)));
        return png;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
