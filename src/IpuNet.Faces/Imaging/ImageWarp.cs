using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace IpuNet.Faces.Imaging;

/// <summary>Samples an image along a turned or sheared grid.</summary>
internal static class ImageWarp
{
    private const int Lanes = 4;

    /// <summary>
    /// Fills a new image by bicubic sampling, edge pixels repeated outside, without smoothing: the map must not shrink.
    /// </summary>
    /// <param name="source">The image to sample.</param>
    /// <param name="width">Width of the new image in pixels.</param>
    /// <param name="height">Height of the new image in pixels.</param>
    /// <param name="grid">Where in the source the new image's pixels have their centres.</param>
    public static RgbImage Sample(RgbImage source, int width, int height, SamplingGrid grid)
    {
        var target = new RgbImage(width, height);
        int floats = source.Width * source.Height * Lanes;
        float[] buffer = ArrayPool<float>.Shared.Rent(floats);
        try
        {
            Span<float> pixels = buffer.AsSpan(0, floats);
            Widen(source.Pixels, pixels);
            for (int y = 0; y < height; y++)
            {
                Span<byte> row = target.Row(y);
                for (int x = 0; x < width; x++)
                {
                    Vector2 position = grid.Origin + grid.StepX * x + grid.StepY * y - new Vector2(0.5f);
                    PixelRounding.Store(SampleAt(pixels, source.Width, source.Height, position), row.Slice(x * RgbImage.Channels, RgbImage.Channels));
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(buffer);
        }

        return target;
    }

    private static Vector128<float> SampleAt(ReadOnlySpan<float> pixels, int width, int height, Vector2 position)
    {
        // Farther out there is nothing but the edge; a limit keeps the whole numbers in their range.
        float x = Math.Clamp(position.X, -BicubicKernel.Taps, width + BicubicKernel.Taps);
        float y = Math.Clamp(position.Y, -BicubicKernel.Taps, height + BicubicKernel.Taps);
        int left = (int)MathF.Floor(x), top = (int)MathF.Floor(y);
        Span<float> across = stackalloc float[BicubicKernel.Taps];
        Span<float> down = stackalloc float[BicubicKernel.Taps];
        BicubicKernel.Weights(x - left, across);
        BicubicKernel.Weights(y - top, down);

        var sum = Vector128<float>.Zero;
        for (int j = 0; j < BicubicKernel.Taps; j++)
        {
            int row = Math.Clamp(top - 1 + j, 0, height - 1) * width;
            var line = Vector128<float>.Zero;
            for (int i = 0; i < BicubicKernel.Taps; i++)
            {
                int column = Math.Clamp(left - 1 + i, 0, width - 1);
                line += Vector128.Create(pixels.Slice((row + column) * Lanes, Lanes)) * across[i];
            }

            sum += line * down[j];
        }

        return sum;
    }

    // A pixel becomes a vector: three colours and nothing.
    private static void Widen(ReadOnlySpan<byte> rgb, Span<float> vectors)
    {
        for (; rgb.Length > 0; rgb = rgb[RgbImage.Channels..], vectors = vectors[Lanes..])
            (vectors[0], vectors[1], vectors[2], vectors[3]) = (rgb[0], rgb[1], rgb[2], 0f);
    }
}
