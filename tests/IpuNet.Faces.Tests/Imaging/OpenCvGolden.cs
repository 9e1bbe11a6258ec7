using System.Text.Json;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Tests.Imaging;

/// <summary>What OpenCV makes of the tests' pictures: the files in Golden/opencv, which the program tests/OpenCvGolden writes.</summary>
/// <param name="LaplacianVariance">Of <c>TestImages.Noise(128, 128)</c> at 64 x 64 px in grey, rounded to whole levels.</param>
/// <param name="Pairs">Pictures and their likeness.</param>
internal sealed record OpenCvGolden(double LaplacianVariance, IReadOnlyList<MeasuredPair> Pairs)
{
    public const string Png = "png", Bmp = "bmp", Jpeg = "jpg", ProgressiveJpeg = "progressive.jpg", Webp = "webp";
    private const string Numbers = "numbers.json";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static string Folder { get; } = Path.Combine("Golden", "opencv");

    /// <summary>A picture of 40 x 30 px.</summary>
    public static RgbImage Small { get; } = TestImages.Smooth(40, 30);

    /// <summary>A picture of 120 x 90 px.</summary>
    public static RgbImage Large { get; } = TestImages.Smooth(120, 90);

    /// <summary>Which files OpenCV writes of which picture.</summary>
    public static IReadOnlyList<(RgbImage Picture, string Kind)> Files { get; } =
        [(Small, Png), (Small, Bmp), (Small, Jpeg), (Small, ProgressiveJpeg), (Large, ProgressiveJpeg), (Large, Webp), (Large, Bmp)];

    /// <summary>From which size to which a picture of noise is resized.</summary>
    public static IReadOnlyList<Resizing> Resizings(ResampleFilter filter) => filter == ResampleFilter.Area
        ? [new(128, 128, 16, 16), new(128, 128, 7, 6), new(128, 128, 21, 15), new(401, 283, 112, 96), new(250, 250, 249, 249)]
        : [new(16, 16, 128, 128), new(7, 6, 128, 128), new(128, 128, 150, 150), new(301, 203, 97, 64), new(1, 1, 9, 5)];

    public static string FileName(RgbImage picture, string kind) => $"{picture.Width}x{picture.Height}.{kind}";

    public static string DecodedName(string file) => $"{file}.png";

    public static string OrientedName(ushort orientation) => $"orientation-{orientation}.png";

    public static string ResizedName(ResampleFilter filter, Resizing size) => $"{filter}-{size}.png";

    /// <summary>The file that OpenCV wrote of the picture.</summary>
    public static byte[] ReadFile(RgbImage picture, string kind) => ReadFile(FileName(picture, kind));

    /// <summary>A picture that OpenCV made.</summary>
    public static RgbImage ReadPicture(string name) => ImageDecoder.Decode(ReadFile(name), name);

    public static OpenCvGolden Read() => JsonSerializer.Deserialize<OpenCvGolden>(ReadFile(Numbers), Json)!;

    public void Write(string folder) => File.WriteAllText(Path.Combine(folder, Numbers), JsonSerializer.Serialize(this, Json) + "\n");

    private static byte[] ReadFile(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, Folder, name));
}

/// <summary>From which size to which, in pixels.</summary>
public readonly record struct Resizing(int Width, int Height, int ToWidth, int ToHeight)
{
    public override string ToString() => $"{Width}x{Height}-{ToWidth}x{ToHeight}";
}

/// <summary>A smooth picture and the same with noise.</summary>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Noise">Its greatest value, in levels.</param>
/// <param name="Psnr">OpenCV's, in dB; a large number where the two are equal.</param>
/// <param name="Ssim">Made of OpenCV's blur.</param>
internal sealed record MeasuredPair(int Width, int Height, int Noise, double Psnr, double Ssim)
{
    public (RgbImage A, RgbImage B) Draw()
    {
        RgbImage a = TestImages.Smooth(Width, Height), b = TestImages.Noise(Width, Height);
        for (int i = 0; i < b.Pixels.Length; i++)
            b.Pixels[i] = (byte)Math.Clamp(a.Pixels[i] + (b.Pixels[i] - 128) * Noise / 128, 0, 255);
        return (a, b);
    }
}
