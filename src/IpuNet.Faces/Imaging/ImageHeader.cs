using System.Buffers.Binary;

namespace IpuNet.Faces.Imaging;

/// <summary>
/// What an image file says of itself, read without decoding it. Nothing of it is believed but to refuse by it, and to foresee the cost.
/// </summary>
/// <param name="Width">Width in pixels as stored; may be 0, or more than any image has.</param>
/// <param name="Height">Height in pixels as stored; likewise.</param>
/// <param name="IsWhole">Whether the file reaches the end that it announces, as far as that can be told without decoding.</param>
/// <param name="IsBuffered">Whether decoders keep the whole picture in a form of their own meanwhile: it comes in passes, or is
/// WebP.</param>
internal readonly record struct ImageHeader(long Width, long Height, bool IsWhole, bool IsBuffered)
{
    /// <summary>How many scans a JPEG has; 1 for other formats.</summary>
    public int Scans { get; private init; } = 1;

    // Decoded it is 4 bytes a pixel (RGBA) and then 3 (RGB); faces that are cut out take no more than the former, which are free again by
    // then.
    private const long BytesPerPixel = 7;

    // Coefficients of a progressive JPEG: three colours of 2 bytes; a PNG of 16 bits in passes: 8 bytes; WebP: 4.
    private const long BufferedBytesPerPixel = 8;

    /// <summary>How much memory decoding takes at most, in bytes, beside the file.</summary>
    public long DecodedBytes => checked(Width * Height * (BytesPerPixel + (IsBuffered ? BufferedBytesPerPixel : 0)));

    /// <summary>Reads the header of a file of a format that is decoded.</summary>
    /// <param name="data">The file.</param>
    /// <param name="format">Its format, as <see cref="ImageSignature"/> names it.</param>
    /// <returns>Null where there is no header that makes sense.</returns>
    public static ImageHeader? Read(ReadOnlySpan<byte> data, string format) => format switch
    {
        "JPEG" => OfJpeg(data),
        "PNG" => OfPng(data),
        "WebP" => OfWebP(data),
        _ => OfBmp(data),
    };

    private static ImageHeader? OfJpeg(ReadOnlySpan<byte> data)
    {
        JpegOutline outline = JpegOutline.Read(data);
        return outline.Size is { } size
            ? new(size.Width, size.Height, outline.HasEnd, outline.IsProgressive) { Scans = outline.Scans }
            : null;
    }

    // Chunks: length, type, data, checksum (PNG specification, 5.3).
    private static ImageHeader? OfPng(ReadOnlySpan<byte> data)
    {
        const int signature = 8, frame = 12;
        if (data.Length < signature + frame + 13 || !data[12..16].SequenceEqual("IHDR"u8))
            return null;
        long width = BinaryPrimitives.ReadUInt32BigEndian(data[16..]), height = BinaryPrimitives.ReadUInt32BigEndian(data[20..]);
        bool isWhole = false;
        for (long at = signature; !isWhole && at + frame <= data.Length;)
        {
            ReadOnlySpan<byte> chunk = data[(int)at..];
            at += frame + BinaryPrimitives.ReadUInt32BigEndian(chunk);
            isWhole = at <= data.Length && chunk[4..8].SequenceEqual("IEND"u8);
        }

        return new(width, height, isWhole, IsBuffered: data[28] != 0);
    }

    // The container states the length of what follows its first 8 bytes.
    private static ImageHeader? OfWebP(ReadOnlySpan<byte> data)
    {
        const int bits14 = 0x3FFF;
        if (data.Length < 30)
            return null;
        ReadOnlySpan<byte> body = data[20..];
        bool isWhole = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]) <= data.Length - 8;
        return data[12..16] switch
        {
            [(byte)'V', (byte)'P', (byte)'8', (byte)' '] => new(
                BinaryPrimitives.ReadUInt16LittleEndian(body[6..]) & bits14,
                BinaryPrimitives.ReadUInt16LittleEndian(body[8..]) & bits14,
                isWhole,
                true),
            [(byte)'V', (byte)'P', (byte)'8', (byte)'L'] when BinaryPrimitives.ReadUInt32LittleEndian(body[1..]) is var sizes => new(
                (sizes & bits14) + 1, (sizes >> 14 & bits14) + 1, isWhole, true),
            [(byte)'V', (byte)'P', (byte)'8', (byte)'X'] => new(
                (BinaryPrimitives.ReadUInt32LittleEndian(body[4..]) & 0xFFFFFF) + 1,
                (BinaryPrimitives.ReadUInt32LittleEndian(body[6..]) >> 8) + 1,
                isWhole,
                true),
            _ => null,
        };
    }

    // A negative height says that the first row is the top one. Rows are padded to 4 bytes; compressed ones have no length to foresee.
    private static ImageHeader? OfBmp(ReadOnlySpan<byte> data)
    {
        const int coreHeader = 12, infoHeader = 40, bitFields = 3;
        if (data.Length < 14 + infoHeader)
            return null;
        uint header = BinaryPrimitives.ReadUInt32LittleEndian(data[14..]);
        if (header == coreHeader)
        {
            return Bmp(BinaryPrimitives.ReadUInt16LittleEndian(data[18..]), BinaryPrimitives.ReadUInt16LittleEndian(data[20..]),
                BinaryPrimitives.ReadUInt16LittleEndian(data[24..]), compression: 0, data);
        }

        int width = BinaryPrimitives.ReadInt32LittleEndian(data[18..]);
        return header < infoHeader || width < 0 ? null : Bmp(
            width, Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(data[22..])), BinaryPrimitives.ReadUInt16LittleEndian(data[28..]),
            BinaryPrimitives.ReadUInt32LittleEndian(data[30..]), data);

        static ImageHeader Bmp(long width, long height, int bits, uint compression, ReadOnlySpan<byte> data)
        {
            UInt128 pixels = (UInt128)((width * bits + 31) / 32 * 4) * (UInt128)height;
            uint pixelsAt = BinaryPrimitives.ReadUInt32LittleEndian(data[10..]);
            bool isWhole = compression is not (0 or bitFields) || pixelsAt + pixels <= (UInt128)data.Length;
            return new(width, height, isWhole, IsBuffered: false);
        }
    }
}
