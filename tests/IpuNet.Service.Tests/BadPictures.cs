using System.Buffers.Binary;
using System.IO.Hashing;
using IpuNet.Faces.Imaging;

namespace IpuNet.Service.Tests;

/// <summary>Pictures that are hard to enrol, and one that is not.</summary>
internal static class BadPictures
{
    // The README's picture: three rows of faces; the last row has photographs.
    private const int Tile = 128, Pitch = 132, LastRow = 264;

    /// <summary>A PNG of a few bytes that claims 30,000 x 30,000 pixels.</summary>
    public static byte[] Bomb()
    {
        byte[] png = ImageEncoder.EncodePng(TestFolder.Pattern(1, 96));
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 30_000);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 30_000);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc32.HashToUInt32(png.AsSpan(12, 17)));
        return png;
    }

    /// <summary>A photo of several people.</summary>
    public static byte[] Group() => ImageEncoder.EncodePng(Photo(1, 4, side: 2 * Tile));

    /// <summary>A photo of one person, larger than the face.</summary>
    public static byte[] Portrait() => ImageEncoder.EncodePng(Photo(1, 1, side: 2 * Tile));

    // Draws photographs side by side, on a canvas with a margin.
    private static RgbImage Photo(int first, int count, int side)
    {
        RgbImage strip = ImageDecoder.DecodeFile(Path.Combine(AppContext.BaseDirectory, "strip.png"));
        var photo = new RgbImage(count * side + side, 2 * side);
        for (int i = 0; i < count; i++)
        {
            RgbImage face = Resampler.Resize(Cut(strip, (first + i) * Pitch, LastRow), side, side, ResampleFilter.Bicubic);
            for (int y = 0; y < side; y++)
                face.Pixels.AsSpan(
                    y * side * 3, side * 3).CopyTo(photo.Pixels.AsSpan(((y + side / 2) * photo.Width + side / 2 + i * side) * 3));
        }

        return photo;
    }

    private static RgbImage Cut(RgbImage image, int left, int top)
    {
        var cut = new RgbImage(Tile, Tile);
        for (int y = 0; y < Tile; y++)
            image.Pixels.AsSpan(((top + y) * image.Width + left) * 3, Tile * 3).CopyTo(cut.Pixels.AsSpan(y * Tile * 3));
        return cut;
    }
}
