using System.Buffers.Binary;

namespace IpuNet.Faces.Imaging;

/// <summary>
/// An image file's header, read without decoding the image. It may lie. It serves only to refuse files and to estimate memory.
/// </summary>
/// <param name="Width">Width in pixels as stored. It may be 0 or absurdly large.</param>
/// <param name="Height">Height in pixels as stored. It may be 0 or absurdly large.</param>
/// <param name="IsWhole">Whether the file reaches the end that it announces, as far as that shows without decoding.</param>
/// <param name="IsBuffered">Whether a decoder also holds the whole image in a form of its own: images in passes, and WebP.</param>
internal readonly record struct ImageHeader(long Width, long Height, bool IsWhole, bool IsBuffered)
{
    /// <summary>The number of scans of a JPEG; 1 for other formats.</summary>
    public int Scans { get; private init; } = 1;

    // 4 bytes for RGBA plus 3 for RGB. Cutting faces out takes no more than the RGBA pixels, which are free again by then.
    private const long BytesPerPixel = 7;

    // The largest of: progressive JPEG (coefficients of three colours, 2 bytes each), PNG of 16 bits in passes (8 bytes), WebP (4 bytes).
    private const long BufferedBytesPerPixel = 8;

    /// <summary>The memory that decoding takes at most, in bytes, not counting the file.</summary>
    public long DecodedBytes => checked(Width * Height * (BytesPerPixel + (IsBuffered ? BufferedBytesPerPixel : 0)));

    /// <summary>Reads the header of a file in an accepted format.</summary>
    /// <param name="data">The file.</param>
    /// <param name="format">The format's name from <see cref="ImageSignature"/>.</param>
    /// <returns>The header; null if there is no valid one.</returns>
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

    // A chunk is length, type, data, checksum (PNG specification, 5.3).
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

    // The container's length field counts the bytes after its first 8.
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
                isWhole, IsBuffered: true),
            [(byte)'V', (byte)'P', (byte)'8', (byte)'L'] when BinaryPrimitives.ReadUInt32LittleEndian(body[1..]) is var sizes =>
                new((sizes & bits14) + 1, (sizes >> 14 & bits14) + 1, isWhole, IsBuffered: true),
            [(byte)'V', (byte)'P', (byte)'8', (byte)'X'] => new(
                (BinaryPrimitives.ReadUInt32LittleEndian(body[4..]) & 0xFFFFFF) + 1,
                (BinaryPrimitives.ReadUInt32LittleEndian(body[6..]) >> 8) + 1,
                isWhole, IsBuffered: true),
            _ => null,
        };
    }

    // A negative height means that the top row comes first. Rows are padded to 4 bytes. The length of compressed rows is unknown.
    private static ImageHeader? OfBmp(ReadOnlySpan<byte> data)
    {
        const int coreHeader = 12, infoHeader = 40, bitFields = 3;
        if (data.Length < 14 + infoHeader)
            return null;
        uint header = BinaryPrimitives.ReadUInt32LittleEndian(data[14..]);
        if (header == coreHeader)
        {
            return Bmp(
                BinaryPrimitives.ReadUInt16LittleEndian(data[18..]), BinaryPrimitives.ReadUInt16LittleEndian(data[20..]),
                BinaryPrimitives.ReadUInt16LittleEndian(data[24..]), compression: 0, data);
        }

        int width = BinaryPrimitives.ReadInt32LittleEndian(data[18..]);
        if (header < infoHeader || width < 0)
            return null;
        return Bmp(
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
