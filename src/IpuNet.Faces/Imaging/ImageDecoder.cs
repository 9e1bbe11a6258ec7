using System.Globalization;
using IpuNet.Contract;
using IpuNet.Faces.Files;
using SkiaSharp;

namespace IpuNet.Faces.Imaging;

/// <summary>
/// Decodes JPEG, PNG, WebP and BMP files, including gray, palette, CMYK and 16-bit images. The content decides the format, not the name.
/// Colours are converted to sRGB if the file has a profile. The image is turned upright by its EXIF orientation. Of an animation the first
/// frame is read. Transparent parts become white: cut-out portraits are made for a page, and dark hair stays visible on white.
/// </summary>
public static class ImageDecoder
{
    /// <summary>The number of bytes at the start of a file that identify its format.</summary>
    public const int FormatLength = ImageSignature.Length;

    private const int StreamPart = 80 << 10;

    private const string AcceptedFormats = "JPEG, PNG, WebP or BMP", ExportAgain = "export it again from its source";

    // One array or one bitmap holds about 500,000,000 * 4 bytes.
    private const long AbsoluteMaxPixels = 500_000_000;

    // A progressive JPEG has about 10 scans. A scan of 60 bytes makes the decoder go over the whole image, so a small file with thousands
    // of scans would keep it busy for hours.
    private const int MaxJpegScans = 100;

    // The longest header is BMP's. A shorter file counts as cut off, not as damaged.
    private const int LongestHeader = 54;

    /// <summary>Decodes an image file in memory.</summary>
    /// <param name="data">The file's bytes.</param>
    /// <param name="name">The file's name, for error messages.</param>
    /// <param name="limits">Limits, checked before decoding. Null takes <see cref="ImageLimits.Default"/>.</param>
    /// <returns>The image, [height, width, 3], sRGB, 0-255.</returns>
    /// <exception cref="FaceDataException">
    /// The file is empty, over a limit, not in an accepted format, cut off or damaged. The message names the file and the reason.
    /// </exception>
    public static RgbImage Decode(ReadOnlySpan<byte> data, string name, ImageLimits? limits = null)
    {
        limits ??= ImageLimits.Default;
        ImageHeader header = ReadHeader(data, name, limits);
        string format = ImageSignature.FormatOf(data)!;
        // The decoder would return the incomplete image, or a coarse one if it is progressive.
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

    /// <summary>Checks a file's header, and computes from it the memory that decoding takes. Decodes nothing.</summary>
    /// <param name="data">The file's bytes.</param>
    /// <param name="name">The file's name, for error messages.</param>
    /// <param name="limits">The limits. Null takes <see cref="ImageLimits.Default"/>.</param>
    /// <returns>The memory that decoding takes at most, in bytes.</returns>
    /// <exception cref="FaceDataException">
    /// The file is empty, over a limit, not in an accepted format, without pixels or without a valid header. The message names the file and
    /// the reason.
    /// </exception>
    public static long DecodedBytes(ReadOnlySpan<byte> data, string name, ImageLimits? limits = null) =>
        ReadHeader(data, name, limits ?? ImageLimits.Default).DecodedBytes;

    /// <summary>Checks by a file's first bytes whether it is an image in an accepted format.</summary>
    /// <param name="start">The first <see cref="FormatLength"/> bytes of the file, or all of a shorter file.</param>
    /// <returns>Null if it is; otherwise the reason, for the user.</returns>
    public static string? FormatFaultOf(ReadOnlySpan<byte> start) => ImageSignature.FormatOf(start) switch
    {
        null => $"the file holds no image of a known format; send a {AcceptedFormats} image",
        ImageSignature.Archive => $"{ImageSignature.Archive} is not an image; unpack it",
        var format when !ImageSignature.IsAccepted(format) => $"{format} is not supported; convert to JPEG",
        _ => null,
    };

    /// <summary>Checks by a file's first bytes whether it is an image in an accepted format.</summary>
    /// <param name="path">The file's path.</param>
    /// <returns>Null if it is, or if the file cannot be opened; otherwise the reason, for the user.</returns>
    public static string? FileFormatFaultOf(string path) => StartOf(path) is { } start ? FormatFaultOf(start) : null;

    /// <summary>Whether a file can be opened and, by its first bytes, is an image in an accepted format.</summary>
    /// <param name="path">The file's path.</param>
    public static bool IsImageFile(string path) => StartOf(path) is { } start && FormatFaultOf(start) is null;

    /// <summary>Reads and decodes an image file.</summary>
    /// <param name="path">The file's path. Error messages name it.</param>
    /// <param name="limits">Limits, checked before reading and decoding. Null takes <see cref="ImageLimits.Default"/>.</param>
    /// <returns>The image, [height, width, 3], sRGB, 0-255.</returns>
    /// <exception cref="FaceDataException">There is no such file, or <see cref="Decode"/> refuses its content.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read the file.</exception>
    public static RgbImage DecodeFile(string path, ImageLimits? limits = null) => Decode(ReadFile(path, path, limits), path, limits);

    /// <summary>Reads a file's bytes, if its length is within the limits.</summary>
    /// <param name="path">The file's path.</param>
    /// <param name="name">The file's name, for error messages.</param>
    /// <param name="limits">Limits, checked before reading. Null takes <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="FaceDataException">
    /// There is no such file, it is a pipe, a socket or a device, or it is empty or too long.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read the file.</exception>
    public static byte[] ReadFile(string path, string name, ImageLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SpecialFile.Refuse(path, name);
        try
        {
            using var file = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            // For a long video, the format is the more helpful reason.
            if (file.Length > (limits ?? ImageLimits.Default).MaxBytes && KnownFormatFaultOf(ReadStart(file)) is { } fault)
                throw Refuse(name, $"{fault}");
            CheckLength(file.Length, name, limits ?? ImageLimits.Default);
            var data = new byte[file.Length];
            file.ReadExactly(data);
            return data;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FaceDataException($"{name}: {MissingFile.Describe(path)}", missing);
        }
    }

    /// <summary>Reads a file's bytes from a stream, up to the limit.</summary>
    /// <param name="stream">The file's content, from the current position to the end. The caller keeps and disposes it.</param>
    /// <param name="name">The file's name, for error messages.</param>
    /// <param name="limits">The limits. Null takes <see cref="ImageLimits.Default"/>.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="FaceDataException">The content is empty or too long.</exception>
    public static async Task<byte[]> ReadAsync(
        Stream stream, string name, ImageLimits? limits = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        long most = (limits ?? ImageLimits.Default).MaxBytes;
        using var data = new MemoryStream();
        byte[] part = new byte[StreamPart];
        while (data.Length <= most && await stream.ReadAsync(part, cancellation).ConfigureAwait(false) is > 0 and var read)
            data.Write(part, 0, read);
        CheckLength(data.Length, name, limits ?? ImageLimits.Default);
        return data.ToArray();
    }

    private static string? KnownFormatFaultOf(byte[] start) => ImageSignature.FormatOf(start) is null ? null : FormatFaultOf(start);

    // Null if the file cannot be opened.
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
                name, $"the {format} image's header states a size of {header.Width:N0} x {header.Height:N0} px; {ExportAgain}");
        long maxPixels = Math.Min(limits.MaxPixels, AbsoluteMaxPixels);
        if (header.Width > maxPixels / header.Height)
            throw Refuse(name, $"{header.Width:N0} x {header.Height:N0} px is over the limit of {maxPixels:N0} px");
        return header;
    }

    private static RgbImage DecodePixels(SKCodec codec, string name, string format, ImageHeader header)
    {
        int width = codec.Info.Width, height = codec.Info.Height;
        // The limits were checked against the header's size.
        if ((width, height) != (header.Width, header.Height))
            throw Damaged(name, format);

        using SKColorSpace colours = SourceColours.Target(codec.Info.ColorSpace);
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Premul, colours));
        SKCodecResult result = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
        if (result != SKCodecResult.Success)
            throw Undecodable(name, format, header, result);
        return Flatten(bitmap.GetPixelSpan(), PixelWalk.Upright(codec.EncodedOrigin, width, height));
    }

    // Colours are premultiplied by alpha, so adding 255 - alpha blends with white.
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

    // The decoder also lacks data if the file is whole but its header states too large a size.
    private static FaceDataException Undecodable(string name, string format, ImageHeader header, SKCodecResult result) => result switch
    {
        SKCodecResult.IncompleteInput when !header.IsWhole => CutOff(name, format),
        SKCodecResult.IncompleteInput => Refuse(
            name,
            $"the {format} image is damaged: it has too little data for {header.Width:N0} x {header.Height:N0} px; {ExportAgain}"),
        SKCodecResult.Unimplemented => Refuse(
            name, $"this kind of {format} image is not supported; save it again as a plain {AcceptedFormats}"),
        _ => header.IsWhole ? Damaged(name, format) : CutOff(name, format),
    };

    private static FaceDataException CutOff(string name, string format) =>
        Refuse(name, $"the {format} image is cut off: its end is missing; send the whole file again");

    private static FaceDataException Damaged(string name, string format) =>
        Refuse(name, $"the {format} image is damaged; {ExportAgain}");

    private static FaceDataException Refuse(string name, FormattableString reason) =>
        new($"{name}: {reason.ToString(CultureInfo.InvariantCulture)}");
}

/// <summary>Decides which colour profiles are converted to sRGB.</summary>
internal static class SourceColours
{
    private const float UsualGamma = 2.2f;
    private const float GammaTolerance = 0.05f;
    private const float PrimariesTolerance = 0.01f;

    /// <summary>
    /// The colour space to decode into. It is sRGB, unless the file's own is sRGB in all but name: then it is the file's own, and the
    /// levels stay as they are. Programs write "gamma 1/2.2" into PNG files and mean sRGB. Taken literally, it would turn level 10 into 3
    /// and darken faces.
    /// </summary>
    public static SKColorSpace Target(SKColorSpace? source) => source is not null && MeansSrgb(source) ? source : SKColorSpace.CreateSrgb();

    private static bool MeansSrgb(SKColorSpace source)
    {
        if (!source.GetNumericalTransferFunction(out SKColorSpaceTransferFn curve)
            || !source.ToColorSpaceXyz(out SKColorSpaceXyz primaries))
        {
            return false;
        }

        bool isUsualGamma = Math.Abs(curve.G - UsualGamma) < GammaTolerance && curve is { A: 1, B: 0, D: 0, E: 0 };
        return isUsualGamma && primaries.Values.Zip(SKColorSpaceXyz.Srgb.Values, (p, q) => Math.Abs(p - q)).Max() < PrimariesTolerance;
    }
}

/// <summary>
/// The order in which stored pixels give the upright image: pixel (x, y) of the upright image is stored at index
/// Start + x * StepX + y * StepY.
/// </summary>
/// <param name="Width">Width of the upright image in pixels.</param>
/// <param name="Height">Height of the upright image in pixels.</param>
/// <param name="Start">Index of its top left pixel.</param>
/// <param name="StepX">Index step to the next pixel on the right.</param>
/// <param name="StepY">Index step to the next pixel below.</param>
internal readonly record struct PixelWalk(int Width, int Height, int Start, int StepX, int StepY)
{
    /// <summary>The order for an EXIF orientation (tag 0x0112).</summary>
    /// <param name="origin">The orientation: the visual places of row 0 and column 0 of the stored pixels.</param>
    /// <param name="width">Width as stored, in pixels.</param>
    /// <param name="height">Height as stored, in pixels.</param>
    public static PixelWalk Upright(SKEncodedOrigin origin, int width, int height)
    {
        int right = width - 1, bottom = (height - 1) * width;
        return origin switch
        {
            SKEncodedOrigin.TopRight => new(width, height, right, -1, width),
            SKEncodedOrigin.BottomRight => new(width, height, bottom + right, -1, -width),
            SKEncodedOrigin.BottomLeft => new(width, height, bottom, 1, -width),
            SKEncodedOrigin.LeftTop => new(height, width, 0, width, 1),
            SKEncodedOrigin.RightTop => new(height, width, bottom, -width, 1),
            SKEncodedOrigin.RightBottom => new(height, width, bottom + right, -width, -1),
            SKEncodedOrigin.LeftBottom => new(height, width, right, width, -1),
            _ => new(width, height, 0, 1, width),
        };
    }
}
