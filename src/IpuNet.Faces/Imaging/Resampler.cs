using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace IpuNet.Faces.Imaging;

/// <summary>
/// Resizes images. Both directions are computed in 32-bit floats and rounded once to 8 bit (halves up, clamped to 0-255). Outside the image
/// the edge pixels are repeated. Multiplications and additions are never fused, so the pixels are the same on every CPU.
/// </summary>
public static class Resampler
{
    /// <summary>Resizes an image.</summary>
    /// <param name="source">The image.</param>
    /// <param name="width">New width in pixels, at least 1.</param>
    /// <param name="height">New height in pixels, at least 1.</param>
    /// <param name="filter">The resampling filter.</param>
    /// <returns>A new image of exactly this size. The aspect ratio may change.</returns>
    public static RgbImage Resize(RgbImage source, int width, int height, ResampleFilter filter)
    {
        var target = new RgbImage(width, height);
        Resize(source, target, filter);
        return target;
    }

    /// <summary>Resizes an image into another image, to the size of that image.</summary>
    /// <param name="source">The image.</param>
    /// <param name="target">Receives the pixels. It must not be the source.</param>
    /// <param name="filter">The resampling filter.</param>
    public static void Resize(RgbImage source, RgbImage target, ResampleFilter filter)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ResampleTaps columns = ResampleTaps.Create(source.Width, target.Width, filter);
        Resize(source, target, columns, rows: ResampleTaps.Create(source.Height, target.Height, filter));
    }

    /// <summary>
    /// Resizes an image with the best filter for each direction: <see cref="ResampleFilter.Area"/> if it shrinks,
    /// <see cref="ResampleFilter.Bicubic"/> if it grows.
    /// </summary>
    /// <param name="source">The image.</param>
    /// <param name="width">New width in pixels, at least 1.</param>
    /// <param name="height">New height in pixels, at least 1.</param>
    public static RgbImage Resize(RgbImage source, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(source);
        var target = new RgbImage(width, height);
        Resize(source, target, Suiting(source.Width, width), Suiting(source.Height, height));
        return target;

        static ResampleTaps Suiting(int from, int to) =>
            ResampleTaps.Create(from, to, to < from ? ResampleFilter.Area : ResampleFilter.Bicubic);
    }

    private static void Resize(RgbImage source, RgbImage target, ResampleTaps columns, ResampleTaps rows)
    {
        int rowLength = source.Width * RgbImage.Channels;
        // One float more, because the last pixel is read as a vector of four.
        float[] buffer = ArrayPool<float>.Shared.Rent(rowLength + 1);
        try
        {
            // Rows first: the weighted source rows are summed into one row of floats, then that row is resized.
            Span<float> row = buffer.AsSpan(0, rowLength + 1);
            for (int y = 0; y < target.Height; y++)
            {
                row.Clear();
                int first = rows.First(y);
                ReadOnlySpan<float> weights = rows.Weights(y);
                for (int k = 0; k < weights.Length; k++)
                    AddScaled(source.Row(first + k), weights[k], row);
                ResizeRow(row, columns, target.Row(y));
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(buffer);
        }
    }

    private static void AddScaled(ReadOnlySpan<byte> pixels, float weight, Span<float> sum)
    {
        int lanes = Vector<float>.Count;
        var scale = new Vector<float>(weight);
        int i = 0;
        for (; i <= pixels.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(pixels[i..]), out Vector<ushort> low, out Vector<ushort> high);
            Vector.Widen(low, out Vector<uint> a, out Vector<uint> b);
            Vector.Widen(high, out Vector<uint> c, out Vector<uint> d);
            Span<float> to = sum.Slice(i, Vector<byte>.Count);
            Add(a, to);
            Add(b, to[lanes..]);
            Add(c, to[(2 * lanes)..]);
            Add(d, to[(3 * lanes)..]);
        }

        for (; i < pixels.Length; i++)
            sum[i] += pixels[i] * weight;

        void Add(Vector<uint> values, Span<float> to) =>
            (new Vector<float>(to) + Vector.ConvertToSingle(Vector.AsVectorInt32(values)) * scale).CopyTo(to);
    }

    private static void ResizeRow(ReadOnlySpan<float> row, ResampleTaps taps, Span<byte> target)
    {
        ref float origin = ref MemoryMarshal.GetReference(row);
        for (int x = 0; x * RgbImage.Channels < target.Length; x++)
        {
            ReadOnlySpan<float> weights = taps.Weights(x);
            nuint offset = (nuint)(taps.First(x) * RgbImage.Channels);
            // One pixel per vector. The fourth lane is the next pixel's red and is dropped.
            Vector128<float> sum = Vector128<float>.Zero;
            for (int k = 0; k < weights.Length; k++, offset += RgbImage.Channels)
                sum += Vector128.LoadUnsafe(ref origin, offset) * weights[k];
            PixelRounding.Store(sum, target.Slice(x * RgbImage.Channels, RgbImage.Channels));
        }
    }
}

/// <summary>
/// The source pixels and weights of each target pixel along one axis. Weights outside the source are added to the edge pixel. So the source
/// pixels of each target pixel form a run inside the source, and their weights sum to 1.
/// </summary>
internal sealed class ResampleTaps
{
    private readonly int _stride;
    private readonly int[] _first;
    private readonly int[] _count;
    private readonly float[] _weights;

    private ResampleTaps(int targetSize, int stride)
    {
        _stride = stride;
        _first = new int[targetSize];
        _count = new int[targetSize];
        _weights = new float[targetSize * stride];
    }

    /// <summary>Index of the first source pixel of a target pixel.</summary>
    public int First(int target) => _first[target];

    /// <summary>Weights of the source pixels of a target pixel, starting at <see cref="First"/>.</summary>
    public ReadOnlySpan<float> Weights(int target) => _weights.AsSpan(target * _stride, _count[target]);

    /// <summary>The taps that resize <paramref name="sourceSize"/> pixels to <paramref name="targetSize"/>.</summary>
    public static ResampleTaps Create(int sourceSize, int targetSize, ResampleFilter filter) => filter switch
    {
        ResampleFilter.Area => CreateArea(sourceSize, targetSize),
        ResampleFilter.Bilinear =>
            CreateInterpolating(sourceSize, targetSize, 2, static (t, weights) => (weights[0], weights[1]) = ((float)(1 - t), (float)t)),
        ResampleFilter.Bicubic => CreateInterpolating(sourceSize, targetSize, BicubicKernel.Taps, BicubicKernel.Weights),
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "Unknown resampling filter."),
    };

    private static ResampleTaps CreateArea(int sourceSize, int targetSize)
    {
        double scale = (double)sourceSize / targetSize;
        var taps = new ResampleTaps(targetSize, (int)Math.Ceiling(scale) + 1);
        for (int i = 0; i < targetSize; i++)
        {
            // Edges come from integers: rounding in i * scale would include slivers of pixels outside the rectangle.
            double start = (double)((long)i * sourceSize) / targetSize;
            double end = (double)((long)(i + 1) * sourceSize) / targetSize;
            int first = (int)start;
            int last = Math.Min((int)Math.Ceiling(end), sourceSize);
            taps._first[i] = first;
            taps._count[i] = last - first;
            for (int j = first; j < last; j++)
                taps._weights[i * taps._stride + j - first] = (float)((Math.Min(j + 1, end) - Math.Max(j, start)) / scale);
        }

        return taps;
    }

    private static ResampleTaps CreateInterpolating(int sourceSize, int targetSize, int support, Action<double, Span<float>> weigh)
    {
        double scale = (double)sourceSize / targetSize;
        var taps = new ResampleTaps(targetSize, support);
        Span<float> weights = stackalloc float[support];
        for (int i = 0; i < targetSize; i++)
        {
            double position = (i + 0.5) * scale - 0.5;
            int floor = (int)Math.Floor(position);
            weigh(position - floor, weights);

            int start = floor - (support / 2 - 1);
            int first = Math.Clamp(start, 0, sourceSize - 1);
            taps._first[i] = first;
            taps._count[i] = Math.Clamp(start + support - 1, 0, sourceSize - 1) - first + 1;
            for (int k = 0; k < support; k++)
                taps._weights[i * support + Math.Clamp(start + k, 0, sourceSize - 1) - first] += weights[k];
        }

        return taps;
    }
}

/// <summary>
/// A grid of points in an image, in pixels from its top left corner: point (x, y) is Origin + x * StepX + y * StepY. It is no matrix,
/// because matrix multiplication rounds differently on different CPUs.
/// </summary>
/// <param name="Origin">Point (0, 0).</param>
/// <param name="StepX">Step from a point to the next one in its row.</param>
/// <param name="StepY">Step from a point to the one below.</param>
internal readonly record struct SamplingGrid(Vector2 Origin, Vector2 StepX, Vector2 StepY);

/// <summary>Converts float colours to 8 bit.</summary>
internal static class PixelRounding
{
    /// <summary>Rounds red, green and blue (0-255) to the nearest level, halves up, clamped to 0-255.</summary>
    public static void Store(Vector128<float> colour, Span<byte> pixel)
    {
        var limited = Vector128.Min(Vector128.Max(colour, Vector128<float>.Zero), Vector128.Create(255f));
        Vector128<int> levels = Vector128.ConvertToInt32(limited + Vector128.Create(0.5f));
        pixel[2] = (byte)levels[2];
        pixel[1] = (byte)levels[1];
        pixel[0] = (byte)levels[0];
    }
}

/// <summary>A filter of <see cref="Resampler"/>.</summary>
public enum ResampleFilter
{
    /// <summary>
    /// The mean over the source rectangle that the target pixel covers. Partly covered pixels count by their covered share. A sensor with
    /// fewer pixels would see the same. Equals OpenCV's INTER_AREA when it shrinks. Use it to shrink.
    /// </summary>
    Area,

    /// <summary>
    /// Linear interpolation between the two nearest pixels in each direction. Pixel centres lie at half pixels. There is no smoothing when
    /// it shrinks. Equals OpenCV's INTER_LINEAR.
    /// </summary>
    Bilinear,

    /// <summary>
    /// Cubic convolution over the four nearest pixels in each direction, with <see cref="BicubicKernel"/>. Pixel centres lie at half
    /// pixels. There is no smoothing when it shrinks. Use it to enlarge.
    /// </summary>
    Bicubic,
}

/// <summary>
/// Keys' cubic convolution kernel with a = -0.5 (R. Keys, "Cubic convolution interpolation for digital image processing", 1981). Of its
/// family only this kernel is exact for quadratics, and it overshoots least at edges. It is the "bicubic" of MATLAB and Pillow, the usual
/// baseline of super-resolution. OpenCV and Torch use a = -0.75, and their pixels differ by a few levels. So a network trained with this
/// kernel also needs it for its inputs.
/// </summary>
public static class BicubicKernel
{
    /// <summary>The free parameter: the slope at distance 1.</summary>
    public const double A = -0.5;

    /// <summary>The number of pixels that contribute in each direction.</summary>
    internal const int Taps = 4;

    /// <summary>Weights of the pixels at -1, 0, 1 and 2 for a sample at <paramref name="offset"/>. They sum to 1.</summary>
    /// <param name="offset">Distance from pixel 0, in [0, 1).</param>
    /// <param name="weights">Receives four weights.</param>
    internal static void Weights(double offset, Span<float> weights)
    {
        double t = offset, u = 1 - offset;
        weights[0] = (float)(A * t * u * u);
        weights[1] = (float)(1 + t * t * ((A + 2) * t - (A + 3)));
        weights[2] = (float)(1 + u * u * ((A + 2) * u - (A + 3)));
        weights[3] = (float)(A * u * t * t);
    }
}
