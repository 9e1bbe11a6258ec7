// Writes tests/IpuNet.Faces.Tests/Golden/opencv: what OpenCV makes of the tests' pictures.
//
// Run it on Linux (x64), after a change of the pictures or of OpenCV's version:
//   apt-get install libgtk-3-0
//   dotnet run --project tests/OpenCvGolden
//
// The tests compare with these files, so that they themselves need neither OpenCV nor GTK.

using System.Runtime.CompilerServices;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Tests.Imaging;
using OpenCvSharp;

const int Pairs = 50;

string folder = Path.GetFullPath(Path.Combine(Here(), "..", "..", "IpuNet.Faces.Tests", OpenCvGolden.Folder));
if (Directory.Exists(folder))
    Directory.Delete(folder, recursive: true);
Directory.CreateDirectory(folder);

foreach ((RgbImage picture, string kind) in OpenCvGolden.Files)
{
    using Mat image = ToMat(picture);
    Write(OpenCvGolden.FileName(picture, kind), image, kind switch
    {
        OpenCvGolden.ProgressiveJpeg => [new(ImwriteFlags.JpegProgressive, 1)],
        OpenCvGolden.Webp => [new(ImwriteFlags.WebPQuality, 80)],
        _ => [],
    });
}

foreach (string kind in new[] { OpenCvGolden.Jpeg, OpenCvGolden.ProgressiveJpeg })
{
    string name = OpenCvGolden.FileName(OpenCvGolden.Small, kind);
    WriteDecoded(OpenCvGolden.DecodedName(name), File.ReadAllBytes(Path.Combine(folder, name)));
}

byte[] jpeg = File.ReadAllBytes(Path.Combine(folder, OpenCvGolden.FileName(OpenCvGolden.Small, OpenCvGolden.Jpeg)));
for (ushort orientation = 1; orientation <= 8; orientation++)
    WriteDecoded(OpenCvGolden.OrientedName(orientation), TestFiles.WithOrientation(jpeg, orientation));

foreach ((ResampleFilter filter, InterpolationFlags flags) in new[]
    { (ResampleFilter.Area, InterpolationFlags.Area), (ResampleFilter.Bilinear, InterpolationFlags.Linear) })
{
    foreach (Resizing size in OpenCvGolden.Resizings(filter))
    {
        using Mat source = ToMat(TestImages.Noise(size.Width, size.Height));
        using Mat resized = source.Resize(new Size(size.ToWidth, size.ToHeight), 0, 0, flags);
        Write(OpenCvGolden.ResizedName(filter, size), resized);
    }
}

var random = new Random(1);
MeasuredPair[] pairs = [.. Enumerable.Range(0, Pairs).Select(_ => Measured(random.Next(11, 61), random.Next(11, 61), random.Next(0, 121)))];
new OpenCvGolden(LaplacianVariance(TestImages.Noise(128, 128)), pairs).Write(folder);

static string Here([CallerFilePath] string path = "") => path;

static Mat ToMat(RgbImage image)
{
    using var rgb = Mat.FromPixelData(image.Height, image.Width, MatType.CV_8UC3, image.Pixels);
    return rgb.CvtColor(ColorConversionCodes.RGB2BGR);
}

void Write(string name, Mat image, params ImageEncodingParam[] parameters)
{
    Cv2.ImEncode(Path.GetExtension(name), image, out byte[] file, parameters);
    File.WriteAllBytes(Path.Combine(folder, name), file);
}

void WriteDecoded(string name, byte[] file)
{
    using Mat image = Cv2.ImDecode(file, ImreadModes.Color);
    Write(name, image);
}

static MeasuredPair Measured(int width, int height, int noise)
{
    var pair = new MeasuredPair(width, height, noise, 0, 0);
    (RgbImage a, RgbImage b) = pair.Draw();
    using Mat first = ToMat(a), second = ToMat(b);
    return pair with { Psnr = Cv2.PSNR(first, second), Ssim = Ssim(a, b) };
}

// As FaceSharpness measures: of the face at 64 x 64 px in grey, the outermost pixels left out.
static double LaplacianVariance(RgbImage face)
{
    using Mat image = ToMat(face);
    using Mat small = image.Resize(new Size(64, 64), 0, 0, InterpolationFlags.Area);
    using Mat grey = small.CvtColor(ColorConversionCodes.BGR2GRAY);
    using Mat laplacian = grey.Laplacian(MatType.CV_64F)[1, 63, 1, 63];
    Cv2.MeanStdDev(laplacian, out Scalar _, out Scalar deviation);
    return Math.Pow(deviation.Val0, 2);
}

// The paper's formula, by variances, at every pixel whose window lies inside.
static double Ssim(RgbImage a, RgbImage b)
{
    double[] x = Luma(a), y = Luma(b);
    double[] meanX = Blur(x), meanY = Blur(y), xx = Blur(Product(x, x)), yy = Blur(Product(y, y)), xy = Blur(Product(x, y));
    return Enumerable.Range(0, meanX.Length).Where(IsInside).Average(i =>
        (2 * meanX[i] * meanY[i] + 6.5025) * (2 * (xy[i] - meanX[i] * meanY[i]) + 58.5225)
        / ((meanX[i] * meanX[i] + meanY[i] * meanY[i] + 6.5025) * (xx[i] - meanX[i] * meanX[i] + yy[i] - meanY[i] * meanY[i] + 58.5225)));

    bool IsInside(int i)
    {
        (int row, int column) = Math.DivRem(i, a.Width);
        return column >= 5 && column < a.Width - 5 && row >= 5 && row < a.Height - 5;
    }

    double[] Blur(double[] plane)
    {
        using Mat mat = Mat.FromPixelData(a.Height, a.Width, MatType.CV_64F, plane);
        using Mat blurred = mat.GaussianBlur(new Size(11, 11), 1.5);
        blurred.GetArray(out double[] values);
        return values;
    }

    static double[] Product(double[] x, double[] y) => [.. x.Zip(y, (p, q) => p * q)];

    static double[] Luma(RgbImage image) => [.. image.Pixels.Chunk(3).Select(p => 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2])];
}
