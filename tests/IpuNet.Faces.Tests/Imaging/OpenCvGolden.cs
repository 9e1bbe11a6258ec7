using System.Text.Json;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Tests.Imaging;

/// <summary>OpenCV's results for the test images: the files in Golden/opencv. The program tests/OpenCvGolden writes them.</summary>
/// <param name="LaplacianVariance">
/// The Laplacian variance of <c>TestImages.Noise(128, 128)</c>, resized to 64 x 64 px, in grey rounded to integers.
/// </param>
/// <param name="Pairs">Pairs of images with their PSNR and SSIM.</param>
internal sealed record OpenCvGolden(double LaplacianVariance, IReadOnlyList<MeasuredPair> Pairs)
{
    public const string Png = "png", Bmp = "bmp", Jpeg = "jpg", ProgressiveJpeg = "progressive.jpg", Webp = "webp";
    private const string Numbers = "numbers.json";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static string Folder { get; } = Path.Combine("Golden", "opencv");

    /// <summary>An image of 40 x 30 px.</summary>
    public static RgbImage Small { get; } = TestImages.Smooth(40, 30);

    /// <summary>An image of 120 x 90 px.</summary>
    public static RgbImage Large { get; } = TestImages.Smooth(120, 90);

    /// <summary>The files that OpenCV writes: image and format.</summary>
    public static IReadOnlyList<(RgbImage Picture, string Kind)> Files { get; } =
        [(Small, Png), (Small, Bmp), (Small, Jpeg), (Small, ProgressiveJpeg), (Large, ProgressiveJpeg), (Large, Webp), (Large, Bmp)];

    /// <summary>The sizes from and to which OpenCV resizes noise images.</summary>
    public static IReadOnlyList<Resizing> Resizings(ResampleFilter filter) => filter == ResampleFilter.Area
        ? [new(128, 128, 16, 16), new(128, 128, 7, 6), new(128, 128, 21, 15), new(401, 283, 112, 96), new(250, 250, 249, 249)]
        : [new(16, 16, 128, 128), new(7, 6, 128, 128), new(128, 128, 150, 150), new(301, 203, 97, 64), new(1, 1, 9, 5)];

    public static string FileName(RgbImage picture, string kind) => $"{picture.Width}x{picture.Height}.{kind}";

    public static string DecodedName(string file) => $"{file}.png";

    public static string OrientedName(ushort orientation) => $"orientation-{orientation}.png";

    public static string ResizedName(ResampleFilter filter, Resizing size) => $"{filter}-{size}.png";

    /// <summary>The file that OpenCV wrote for the image.</summary>
    public static byte[] ReadFile(RgbImage picture, string kind) => ReadFile(FileName(picture, kind));

    /// <summary>An image that OpenCV made.</summary>
    public static RgbImage ReadPicture(string name) => ImageDecoder.Decode(ReadFile(name), name);

    public static OpenCvGolden Read() => JsonSerializer.Deserialize<OpenCvGolden>(ReadFile(Numbers), Json)!;

    public void Write(string folder) => File.WriteAllText(Path.Combine(folder, Numbers), JsonSerializer.Serialize(this, Json) + "\n");

    private static byte[] ReadFile(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, Folder, name));
}

/// <summary>The sizes before and after resizing, in pixels.</summary>
public readonly record struct Resizing(int Width, int Height, int ToWidth, int ToHeight)
{
    public override string ToString() => $"{Width}x{Height}-{ToWidth}x{ToHeight}";
}

/// <summary>A smooth image and the same image with noise.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Noise">The maximum noise in levels.</param>
/// <param name="Psnr">OpenCV's PSNR in dB. It is a large number if the images are equal.</param>
/// <param name="Ssim">The SSIM, computed with OpenCV's blur.</param>
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
