using System.Buffers.Binary;
using System.Globalization;
using SkiaSharp;

namespace IpuNet.Faces.Imaging;

/// <summary>
/// Reads JPEG, PNG, WebP and BMP files as <see cref="RgbImage"/>: gray, palette, CMYK and 16-bit images too, colours
/// turned into sRGB where the file has a profile, upright by its EXIF orientation, and the first frame of an animation. The
/// content decides the format, not the name. Transparent parts show white, for cut-out portraits are made to stand on a page,
/// and dark hair stays distinct from it.
/// </summary>
public static class ImageDecoder
{
    private const string AcceptedFormats = "JPEG, PNG, WebP or BMP";

    // 500,000,000 * 4 bytes is about what one array or one bitmap can hold.
    private const long AbsoluteMaxPixels = 500_000_000;

    // A progressive JPEG has about 10 scans. Each runs over the whole picture and may be 60 bytes of file, so that thousands
    // of them would keep a decoder busy for hours.
    private const int MaxJpegScans = 100;

    /// <summary>Decodes a file's bytes.</summary>
    /// <param name="data">The file's bytes.</param>
    /// <param name="name">The file's name, for error messages.</param>
    /// <param name="limits">Limits, checked before decoding; null means <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="FaceDataException">
    /// The file is empty, over a limit, of no accepted format, cut off or damaged; the message names the file and the reason.
    /// </exception>
    public static RgbImage Decode(ReadOnlySpan<byte> data, string name, ImageLimits? limits = null)
    {
        limits ??= ImageLimits.Default;
        CheckLength(data.Length, name, limits);
        string format = CheckFormat(data, name);
        if (format == "JPEG")
            CheckOutline(JpegOutline.Read(data), name);
        // The container states the length of what follows its first 8 bytes.
        if (format == "WebP" && BinaryPrimitives.ReadUInt32LittleEndian(data[4..]) > data.Length - 8)
            throw Undecodable(name, format, SKCodecResult.IncompleteInput);

        unsafe
        {
            fixed (byte* bytes = data)
            {
                using var memory = SKData.Create((nint)bytes, data.Length);
                using SKCodec? codec = SKCodec.Create(new SKMemoryStream(memory), out SKCodecResult result);
                if (codec is null)
                    throw Undecodable(name, format, result);
                return DecodePixels(codec, name, format, limits);
            }
        }
    }

    /// <summary>Decodes a file.</summary>
    /// <param name="path">The file; messages name it as it is given here.</param>
    /// <param name="limits">Limits, checked before reading and decoding; null means <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="FaceDataException">There is no such file, or its content is refused as <see cref="Decode"/> says.</exception>
    /// <exception cref="IOException">The file could not be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static RgbImage DecodeFile(string path, ImageLimits? limits = null) => Decode(ReadFile(path, path, limits), path, limits);

    /// <summary>Reads a file's bytes, if its length is within the limits.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">What error messages call it.</param>
    /// <param name="limits">Limits, checked before reading; null means <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="FaceDataException">There is no such file, it is empty or too long.</exception>
    /// <exception cref="IOException">The file could not be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static byte[] ReadFile(string path, string name, ImageLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            CheckLength(file.Length, name, limits ?? ImageLimits.Default);
            var data = new byte[file.Length];
            file.ReadExactly(data);
            return data;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FaceDataException($"{name}: there is no such file", missing);
        }
    }

    private static void CheckLength(long length, string name, ImageLimits limits)
    {
        if (length == 0)
            throw Refuse(name, $"the file is empty; send the image again");
        if (length > limits.MaxBytes)
            throw Refuse(name, $"{length:N0} bytes are over the limit of {limits.MaxBytes:N0} bytes");
    }

    private static string CheckFormat(ReadOnlySpan<byte> data, string name) => ImageSignature.FormatOf(data) switch
    {
        null => throw Refuse(name, $"the file is no image of a known format; send a {AcceptedFormats} image"),
        var format when !ImageSignature.IsAccepted(format) => throw Refuse(name, $"{format} files are not read; convert it to {AcceptedFormats}"),
        var format => format,
    };

    private static void CheckOutline(JpegOutline outline, string name)
    {
        if (outline.Scans > MaxJpegScans)
            throw Refuse(name, $"the JPEG image has {outline.Scans:N0} scans, over the limit of {MaxJpegScans}; save it again as a baseline JPEG");
        if (!outline.HasEnd)
            throw Undecodable(name, "JPEG", SKCodecResult.IncompleteInput);
    }

    private static RgbImage DecodePixels(SKCodec codec, string name, string format, ImageLimits limits)
    {
        int width = codec.Info.Width, height = codec.Info.Height;
        long maxPixels = Math.Min(limits.MaxPixels, AbsoluteMaxPixels);
        if ((long)width * height > maxPixels)
            throw Refuse(name, $"{width:N0} x {height:N0} px is over the limit of {maxPixels:N0} px");

        using SKColorSpace colours = SourceColours.Target(codec.Info.ColorSpace);
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Premul, colours));
        SKCodecResult result = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
        if (result != SKCodecResult.Success)
            throw Undecodable(name, format, result);
        return Flatten(bitmap.GetPixelSpan(), PixelWalk.Upright(codec.EncodedOrigin, width, height));
    }

    // Colours are premultiplied by alpha; what alpha leaves open is white.
    private static RgbImage Flatten(ReadOnlySpan<byte> rgba, PixelWalk walk)
    {
        var image = new RgbImage(walk.Width, walk.Height);
        for (int y = 0; y < walk.Height; y++)
        {
            Span<byte> row = image.Row(y);
            int stored = walk.Start + y * walk.StepY;
            for (int x = 0; x < row.Length; x += RgbImage.Channels, stored += walk.StepX)
            {
                ReadOnlySpan<byte> pixel = rgba.Slice(stored * 4, 4);
                int white = byte.MaxValue - pixel[3];
                row[x] = (byte)(pixel[0] + white);
                row[x + 1] = (byte)(pixel[1] + white);
                row[x + 2] = (byte)(pixel[2] + white);
            }
        }

        return image;
    }

    private static FaceDataException Undecodable(string name, string format, SKCodecResult result) => result switch
    {
        SKCodecResult.IncompleteInput => Refuse(name, $"the {format} image is cut off, its end is missing; send the whole file again"),
        SKCodecResult.Unimplemented => Refuse(name, $"this kind of {format} image is not read; save it again as a plain {AcceptedFormats}"),
        _ => Refuse(name, $"the {format} image is damaged; export it again from its source"),
    };

    private static FaceDataException Refuse(string name, FormattableString reason) =>
        new($"{name}: {reason.ToString(CultureInfo.InvariantCulture)}");
}
