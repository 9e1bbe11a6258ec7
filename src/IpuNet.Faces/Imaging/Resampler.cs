using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace IpuNet.Faces.Imaging;

/// <summary>
/// Resizes images. Arithmetic is in 32-bit floats, both directions before one rounding to 8 bit (halves up, then clamped to
/// 0-255); beyond the edge the edge pixel is repeated. Products and sums are never fused, so that the pixels are the same
/// on every processor.
/// </summary>
public static class Resampler
{
    /// <summary>Resizes an image.</summary>
    /// <param name="source">The image.</param>
    /// <param name="width">New width in pixels, at least 1.</param>
    /// <param name="height">New height in pixels, at least 1.</param>
    /// <param name="filter">How pixels are made.</param>
    /// <returns>A new image; the aspect ratio is the caller's.</returns>
    public static RgbImage Resize(RgbImage source, int width, int height, ResampleFilter filter)
    {
        var target = new RgbImage(width, height);
        Resize(source, target, filter);
        return target;
    }

    /// <summary>Resizes an image into another one, whose size is the new size.</summary>
    /// <param name="source">The image.</param>
    /// <param name="target">Receives the pixels; not the source itself.</param>
    /// <param name="filter">How pixels are made.</param>
    public static void Resize(RgbImage source, RgbImage target, ResampleFilter filter)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        Resize(source, target, ResampleTaps.Create(source.Width, target.Width, filter), ResampleTaps.Create(source.Height, target.Height, filter));
    }

    /// <summary>
    /// Resizes an image by the filter that suits: by <see cref="ResampleFilter.Area"/> where it shrinks, by
    /// <see cref="ResampleFilter.Bicubic"/> where it grows, each direction by its own.
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

        static ResampleTaps Suiting(int from, int to) => ResampleTaps.Create(from, to, to < from ? ResampleFilter.Area : ResampleFilter.Bicubic);
    }

    private static void Resize(RgbImage source, RgbImage target, ResampleTaps columns, ResampleTaps rows)
    {
        int rowLength = source.Width * RgbImage.Channels;
        // One float more: the last pixel is read as a vector of four.
        float[] buffer = ArrayPool<float>.Shared.Rent(rowLength + 1);
        try
        {
            // Rows first: whole source rows are weighed into one row of floats, then that row is resized.
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
            // One pixel in a vector; the fourth lane is the next pixel's red and is dropped.
            Vector128<float> sum = Vector128<float>.Zero;
            for (int k = 0; k < weights.Length; k++, offset += RgbImage.Channels)
                sum += Vector128.LoadUnsafe(ref origin, offset) * weights[k];
            PixelRounding.Store(sum, target.Slice(x * RgbImage.Channels, RgbImage.Channels));
        }
    }
}
