using System.Globalization;
using IpuNet.Faces.Files;
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
    /// <summary>How many bytes of a file tell its format.</summary>
    public const int FormatLength = ImageSignature.Length;

    private const string AcceptedFormats = "JPEG, PNG, WebP or BMP", ExportAgain = "export it again from its source";

    // 500,000,000 * 4 bytes is about what one array or one bitmap can hold.
    private const long AbsoluteMaxPixels = 500_000_000;

    // A progressive JPEG has about 10 scans. Each runs over the whole picture and may be 60 bytes of file, so that thousands
    // of them would keep a decoder busy for hours.
    private const int MaxJpegScans = 100;

    // BMP's, the longest. Of a shorter file nobody can say whether its header is wrong or its end is missing.
    private const int LongestHeader = 54;

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
        ImageHeader header = ReadHeader(data, name, limits);
        string format = ImageSignature.FormatOf(data)!;
        // A decoder that stops early would give what there is, and a progressive image coarse.
        if (format is "JPEG" or "WebP" && !header.IsWhole)
            throw CutOff(name, format);

        unsafe
        {
            fixed (byte* bytes = data)
            {
                using var memory = SKData.Create((nint)bytes, data.Length);
                using SKCodec? codec = SKCodec.Create(new SKMemoryStream(memory), out SKCodecResult result);
                if (codec is null)
                    throw Undecodable(name, format, header, result);
                return DecodePixels(codec, name, format, header);
            }
        }
    }

    /// <summary>Judges a file by what it says of itself, before anything is decoded.</summary>
    /// <param name="data">The file's bytes.</param>
    /// <param name="name">The file's name, for error messages.</param>
    /// <param name="limits">Limits; null means <see cref="ImageLimits.Default"/>.</param>
    /// <returns>How much memory decoding takes at most, in bytes.</returns>
    /// <exception cref="FaceDataException">
    /// The file is empty, over a limit, of no accepted format, without pixels, or has no header; the message names the file and the reason.
    /// </exception>
    public static long DecodedBytes(ReadOnlySpan<byte> data, string name, ImageLimits? limits = null) =>
        ReadHeader(data, name, limits ?? ImageLimits.Default).DecodedBytes;

    /// <summary>Why a file is no image of an accepted format, by its first bytes; null where it is one.</summary>
    /// <param name="start">The first <see cref="FormatLength"/> bytes of the file, or all where it has fewer.</param>
    public static string? FormatFaultOf(ReadOnlySpan<byte> start) => ImageSignature.FormatOf(start) switch
    {
        null => $"the file is no image of a known format; send a {AcceptedFormats} image",
        ImageSignature.Archive => $"{ImageSignature.Archive} is no image; unpack it",
        var format when !ImageSignature.IsAccepted(format) => $"{format} is not supported; convert to JPEG",
        _ => null,
    };

    /// <summary>
    /// Why a file is no image of an accepted format, by its first bytes; null where it is one, or cannot be opened: decoding tells that.
    /// </summary>
    public static string? FileFormatFaultOf(string path) => StartOf(path) is { } start ? FormatFaultOf(start) : null;

    /// <summary>Whether a file can be opened and is an image of an accepted format, by its first bytes.</summary>
    public static bool IsImageFile(string path) => StartOf(path) is { } start && FormatFaultOf(start) is null;

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
    /// <exception cref="FaceDataException">There is no such file, it is a pipe, a socket or a device, it is empty or too long.</exception>
    /// <exception cref="IOException">The file could not be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static byte[] ReadFile(string path, string name, ImageLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SpecialFile.Refuse(path, name);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            // A long film is told to be a film.
            if (file.Length > (limits ?? ImageLimits.Default).MaxBytes && KnownFormatFaultOf(ReadStart(file)) is { } fault)
                throw Refuse(name, $"{fault}");
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

    private static string? KnownFormatFaultOf(byte[] start) => ImageSignature.FormatOf(start) is null ? null : FormatFaultOf(start);

    // Null where it cannot be opened.
    private static byte[]? StartOf(string path)
    {
        if (SpecialFile.Is(path))
            return null;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return ReadStart(file);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static byte[] ReadStart(FileStream file)
    {
        var start = new byte[FormatLength];
        return start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
    }

    private static void CheckLength(long length, string name, ImageLimits limits)
    {
        if (length == 0)
            throw Refuse(name, $"the file is empty; send the image again");
        if (length > limits.MaxBytes)
            throw Refuse(name, $"{length:N0} bytes are over the limit of {limits.MaxBytes:N0} bytes");
    }

    private static ImageHeader ReadHeader(ReadOnlySpan<byte> data, string name, ImageLimits limits)
    {
        CheckLength(data.Length, name, limits);
        if (FormatFaultOf(data) is { } fault)
            throw Refuse(name, $"{fault}");
        string format = ImageSignature.FormatOf(data)!;
        if (ImageHeader.Read(data, format) is not { } header)
        {
            throw data.Length < LongestHeader || (format == "JPEG" && !JpegOutline.Read(data).HasEnd)
                ? CutOff(name, format)
                : Refuse(name, $"the {format} image's header is damaged; {ExportAgain}");
        }

        if (header.Scans > MaxJpegScans)
            throw Refuse(
                name, $"the JPEG image has {header.Scans:N0} scans, over the limit of {MaxJpegScans}; save it again as a baseline JPEG");
        if (header.Width == 0 || header.Height == 0)
            throw Refuse(
                name, $"the {format} image says that it has {header.Width:N0} x {header.Height:N0} px; {ExportAgain}");
        long maxPixels = Math.Min(limits.MaxPixels, AbsoluteMaxPixels);
        if (header.Width > maxPixels / header.Height)
            throw Refuse(name, $"{header.Width:N0} x {header.Height:N0} px is over the limit of {maxPixels:N0} px");
        return header;
    }

    private static RgbImage DecodePixels(SKCodec codec, string name, string format, ImageHeader header)
    {
        int width = codec.Info.Width, height = codec.Info.Height;
        // The limits were checked by the header.
        if ((width, height) != (header.Width, header.Height))
            throw Damaged(name, format);

        using SKColorSpace colours = SourceColours.Target(codec.Info.ColorSpace);
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Premul, colours));
        SKCodecResult result = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
        if (result != SKCodecResult.Success)
            throw Undecodable(name, format, header, result);
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

    // A decoder also misses data where the file is whole and its size is a lie.
    private static FaceDataException Undecodable(string name, string format, ImageHeader header, SKCodecResult result) => result switch
    {
        SKCodecResult.IncompleteInput when !header.IsWhole => CutOff(name, format),
        SKCodecResult.IncompleteInput => Refuse(
            name,
            $"the {format} image is damaged, it has less data than its {header.Width:N0} x {header.Height:N0} px need; {ExportAgain}"),
        SKCodecResult.Unimplemented => Refuse(name, $"this kind of {format} image is not read; save it again as a plain {AcceptedFormats}"),
        _ => header.IsWhole ? Damaged(name, format) : CutOff(name, format),
    };

    private static FaceDataException CutOff(string name, string format) =>
        Refuse(name, $"the {format} image is cut off, its end is missing; send the whole file again");

    private static FaceDataException Damaged(string name, string format) =>
        Refuse(name, $"the {format} image is damaged; {ExportAgain}");

    private static FaceDataException Refuse(string name, FormattableString reason) =>
        new($"{name}: {reason.ToString(CultureInfo.InvariantCulture)}");
}
