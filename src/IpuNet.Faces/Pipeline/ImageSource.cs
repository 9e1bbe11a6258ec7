using System.Diagnostics;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Pipeline;

/// <summary>An image that waits to be read.</summary>
/// <param name="Name">What results call it; unique among the images of a run.</param>
/// <param name="Read">Gives the file's bytes; called once, on any thread.</param>
public sealed record ImageSource(string Name, Func<CancellationToken, Task<byte[]>> Read)
{
    /// <summary>Where this image's faces are; null for what <see cref="ImagePipelineOptions.Faces"/> says.</summary>
    public FaceFinding? Faces { get; init; }

    /// <summary>The trace that its stages are part of; default for none.</summary>
    public ActivityContext Trace { get; init; }

    /// <summary>Whatever the caller wants to find again at the image's result.</summary>
    public object? Tag { get; init; }

    /// <summary>An image file. It is read when its turn comes, and only within the limits.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">What results call it; the path where null.</param>
    /// <param name="limits">Null means <see cref="ImageLimits.Default"/>.</param>
    public static ImageSource FromFile(string path, string? name = null, ImageLimits? limits = null) =>
        new(name ?? path, _ => Task.FromResult(ImageDecoder.ReadFile(path, name ?? path, limits)));

    /// <summary>An image that is in memory.</summary>
    /// <param name="name">What results call it.</param>
    /// <param name="data">The file's bytes.</param>
    public static ImageSource FromBytes(string name, byte[] data) => new(name, _ => Task.FromResult(data));
}
