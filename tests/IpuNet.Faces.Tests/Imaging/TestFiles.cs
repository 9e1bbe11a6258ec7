using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using IpuNet.Faces.Imaging;
using SkiaSharp;

namespace IpuNet.Faces.Tests.Imaging;

/// <summary>Image files made byte by byte, of kinds that no available encoder writes.</summary>
internal static class TestFiles
{
    private static readonly byte[] PngSignature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>
    /// A PNG file of any size and colour type. <paramref name="rows"/> holds its filtered rows, also fewer than it needs.
    /// </summary>
    public static byte[] Png(int width, int height, byte bitDepth, byte colourType, byte[] rows, params (string Type, byte[] Data)[] chunks)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (bitDepth, colourType);
        using var deflated = new MemoryStream();
        using (var zlib = new ZLibStream(deflated, CompressionLevel.Fastest, leaveOpen: true))
            zlib.Write(rows);
        return [.. PngSignature, .. PngChunk("IHDR", header), .. chunks.SelectMany(c => PngChunk(c.Type, c.Data)),
            .. PngChunk("IDAT", deflated.ToArray()), .. PngChunk("IEND", [])];
    }

    /// <summary>Adds an EXIF segment with an orientation (1 to 8) to a JPEG file.</summary>
    public static byte[] WithOrientation(byte[] jpeg, ushort orientation)
    {
        byte[] tiff = [(byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];
        byte[] payload = [.. "Exif\0\0"u8, .. tiff];
        return [.. jpeg[..2], .. JpegSegment(0xE1, payload), .. jpeg[2..]];
    }

    /// <summary>A CMYK JPEG file of 8 x 8 px in one colour, inverted as in Adobe's programs: 255 is no ink.</summary>
    public static byte[] CmykJpeg(params ReadOnlySpan<byte> inverted)
    {
        // Quantisation by 1. Twelve DC codes of four bits, whose value is the category. One AC code, "0", for the end of the block.
        var bits = new StringBuilder();
        foreach (byte level in inverted)
        {
            int dc = 8 * (level - 128);
            int category = dc == 0 ? 0 : (int)Math.Log2(Math.Abs(dc)) + 1;
            int value = dc < 0 ? dc + (1 << category) - 1 : dc;
            bits.Append(Convert.ToString(category, 2).PadLeft(4, '0'));
            if (category > 0)
                bits.Append(Convert.ToString(value, 2).PadLeft(category, '0'));
            bits.Append('0');
        }

        string padded = bits.ToString().PadRight((bits.Length + 7) / 8 * 8, '1');
        IEnumerable<byte> entropy = padded.Chunk(8)
            .Select(b => Convert.ToByte(new string(b), 2))
            .SelectMany(b => b == 0xFF ? new byte[] { 0xFF, 0 } : [b]);
        return
        [
            0xFF, 0xD8,
            .. JpegSegment(0xEE, [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, 0]),
            .. JpegSegment(0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]),
            .. JpegSegment(0xC0, [8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0]),
            .. JpegSegment(0xC4, [0x00, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
            .. JpegSegment(0xC4, [0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            .. JpegSegment(0xDA, [4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0]),
            .. entropy,
            0xFF, 0xD9,
        ];
    }

    /// <summary>An animated WebP file with these frames, which have the same size.</summary>
    public static byte[] AnimatedWebp(params RgbImage[] frames)
    {
        (int width, int height) = (frames[0].Width, frames[0].Height);
        byte[] canvas = [0x02, 0, 0, 0, .. UInt24(width - 1), .. UInt24(height - 1)];
        byte[] chunks =
        [
            .. RiffChunk("VP8X", canvas),
            .. RiffChunk("ANIM", [255, 255, 255, 255, 0, 0]),
            .. frames.SelectMany(
                f => RiffChunk(
                    "ANMF", [0, 0, 0, 0, 0, 0, .. UInt24(width - 1), .. UInt24(height - 1), 100, 0, 0, 0, .. LosslessWebp(f)[12..]])),
        ];
        return RiffChunk("RIFF", [.. "WEBP"u8, .. chunks]);
    }

    /// <summary>A lossless WebP file.</summary>
    public static byte[] LosslessWebp(RgbImage image)
    {
        // Without a colour space: with one the file would be an extended WebP, which cannot be a frame of an animation.
        var info = new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using SKBitmap bitmap = SKBitmap.Decode(ImageEncoder.EncodePng(image), info);
        using SKPixmap pixels = bitmap.PeekPixels();
        using SKData file = pixels.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 50))!;
        return file.ToArray();
    }

    /// <summary>A segment of a JPEG file.</summary>
    public static byte[] JpegSegment(byte marker, byte[] payload) =>
        [0xFF, marker, (byte)((payload.Length + 2) >> 8), (byte)(payload.Length + 2), .. payload];

    private static byte[] UInt24(int value) => [(byte)value, (byte)(value >> 8), (byte)(value >> 16)];

    private static byte[] RiffChunk(string type, byte[] data)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, data.Length);
        return [.. Encoding.ASCII.GetBytes(type), .. length, .. data, .. new byte[data.Length % 2]];
    }

    private static byte[] PngChunk(string type, byte[] data)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        var checksum = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(checksum, Crc32(body));
        return [.. length, .. body, .. checksum];
    }

    private static uint Crc32(byte[] data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0xEDB88320 * (crc & 1));
        }

        return ~crc;
    }
}
