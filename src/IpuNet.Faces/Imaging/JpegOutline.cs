using System.Buffers.Binary;

namespace IpuNet.Faces.Imaging;

/// <summary>The facts that the markers of a JPEG file give without decoding.</summary>
/// <param name="Scans">The number of scans before the end of the image.</param>
/// <param name="HasEnd">
/// Whether the file has the end-of-image marker. A decoder notices missing rows, but not the missing fine scans of a progressive image.
/// </param>
internal readonly record struct JpegOutline(int Scans, bool HasEnd)
{
    private const byte StartOfScan = 0xDA;

    // A frame begins with its length and the precision of its samples.
    private const int HeightAt = 3, WidthAt = 5, FrameStart = 7;
    private const byte EndOfImage = 0xD9;

    /// <summary>Width and height as stored, in pixels; null if there is no frame.</summary>
    public (int Width, int Height)? Size { get; private init; }

    /// <summary>Whether the image is progressive: each scan refines the whole image, so a decoder holds all of it.</summary>
    public bool IsProgressive { get; private init; }

    /// <summary>Reads the markers up to the end of the image.</summary>
    public static JpegOutline Read(ReadOnlySpan<byte> data)
    {
        int scans = 0;
        bool isProgressive = false;
        (int, int)? size = null;
        while (TryReadMarker(ref data, out byte marker))
        {
            if (marker == EndOfImage)
                return new(scans, HasEnd: true) { Size = size, IsProgressive = isProgressive };
            if (marker == StartOfScan)
                scans++;
            if (IsFrame(marker) && size is null && data.Length >= FrameStart)
            {
                size = (BinaryPrimitives.ReadUInt16BigEndian(data[WidthAt..]), BinaryPrimitives.ReadUInt16BigEndian(data[HeightAt..]));
                isProgressive = IsProgressiveFrame(marker);
            }

            // Skip the whole segment: a preview inside has its own markers.
            if (HasLength(marker) && data.Length >= sizeof(ushort))
                data = data[Math.Min(data.Length, BinaryPrimitives.ReadUInt16BigEndian(data))..];
        }

        return new(scans, HasEnd: false) { Size = size, IsProgressive = isProgressive };
    }

    // SOF0 to SOF15. DHT, JPG and DAC lie between them and are not frames (ITU T.81, table B.1).
    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    private static bool IsProgressiveFrame(byte marker) => marker is 0xC2 or 0xC6 or 0xCA or 0xCE;

    private static bool TryReadMarker(ref ReadOnlySpan<byte> data, out byte marker)
    {
        int prefix = data.IndexOf((byte)0xFF);
        bool found = prefix >= 0 && prefix + 1 < data.Length;
        marker = found ? data[prefix + 1] : (byte)0;
        // In a run of 0xFF the last one starts the marker.
        if (found)
            data = data[(prefix + (marker == 0xFF ? 1 : 2))..];
        return found;
    }

    // Stuffed zeros, restarts, TEM, the start of the image and padding have no length.
    private static bool HasLength(byte marker) => marker is not (0x00 or 0x01 or (>= 0xD0 and <= 0xD8) or 0xFF);
}
