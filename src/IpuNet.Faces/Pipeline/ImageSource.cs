using System.Diagnostics;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Pipeline;

/// <summary>
/// The source of an image. It is read when the image's turn comes. A caller with data of its own for each image derives a type from it, and
/// gets it back in <see cref="ImageResult{TSource}.Source"/>.
/// </summary>
/// <param name="Name">The image's name in results, unique among the images of a run.</param>
/// <param name="Read">Reads the file's bytes. Called once, on any thread.</param>
/// <param name="Faces">How to find the faces. Null takes <see cref="ImagePipelineOptions.Faces"/>.</param>
/// <param name="Trace">The trace of the image's stages; default for none.</param>
public record ImageSource(
    string Name, Func<CancellationToken, Task<byte[]>> Read, FaceDetectionMode? Faces = null, ActivityContext Trace = default)
{
    /// <summary>The source of an image file.</summary>
    /// <param name="path">The file's path.</param>
    /// <param name="name">The image's name in results. Null takes the path.</param>
    /// <param name="limits">The limits of the file. Null takes <see cref="ImageLimits.Default"/>.</param>
    public static ImageSource FromFile(string path, string? name = null, ImageLimits? limits = null) =>
        new(name ?? path, _ => Task.FromResult(ImageDecoder.ReadFile(path, name ?? path, limits)));

    /// <summary>The source of an image file in memory.</summary>
    /// <param name="name">The image's name in results.</param>
    /// <param name="data">The file's bytes.</param>
    public static ImageSource FromBytes(string name, byte[] data) => new(name, _ => Task.FromResult(data));

    /// <summary>
    /// The source of an image file in a stream. The stream is read once, up to its end or to the limit.
    /// </summary>
    /// <param name="name">The image's name in results.</param>
    /// <param name="stream">The file's content. The caller keeps and disposes it.</param>
    /// <param name="limits">The limits of the file. Null takes <see cref="ImageLimits.Default"/>.</param>
    public static ImageSource FromStream(string name, Stream stream, ImageLimits? limits = null) =>
        new(name, cancellation => ImageDecoder.ReadAsync(stream, name, limits, cancellation));

    /// <summary>The source of a decoded image.</summary>
    /// <param name="name">The image's name in results.</param>
    /// <param name="pixels">The image.</param>
    public static ImageSource FromPixels(string name, RgbImage pixels) => new(name, _ => Task.FromResult(ImageEncoder.EncodePng(pixels)));

    /// <summary>The source of an image file, as from <see cref="FromFile"/>.</summary>
    /// <param name="path">The file's path.</param>
    public static implicit operator ImageSource(string path) => FromFile(path);
}
