using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace IpuNet.Faces.Imaging;

/// <summary>Samples an image on a rotated or sheared grid.</summary>
internal static class ImageWarp
{
    private const int Lanes = 4;

    /// <summary>
    /// Makes a new image by bicubic sampling. Outside the source its edge pixels are repeated. There is no smoothing, so the grid must not
    /// shrink the image.
    /// </summary>
    /// <param name="source">The image to sample.</param>
    /// <param name="width">Width of the new image in pixels.</param>
    /// <param name="height">Height of the new image in pixels.</param>
    /// <param name="grid">The centres of the new image's pixels, in pixels of the source.</param>
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
                    Vector128<float> colour = SampleAt(pixels, source.Width, source.Height, position);
                    PixelRounding.Store(colour, row.Slice(x * RgbImage.Channels, RgbImage.Channels));
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
        // Further out there is only the repeated edge. The limit keeps the integers below in range.
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

    // Each pixel becomes a vector of red, green, blue and 0.
    private static void Widen(ReadOnlySpan<byte> rgb, Span<float> vectors)
    {
        for (; rgb.Length > 0; rgb = rgb[RgbImage.Channels..], vectors = vectors[Lanes..])
            (vectors[0], vectors[1], vectors[2], vectors[3]) = (rgb[0], rgb[1], rgb[2], 0f);
    }
}
