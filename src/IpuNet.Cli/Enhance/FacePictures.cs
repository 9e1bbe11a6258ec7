using System.Globalization;
using IpuNet.Contract;
using IpuNet.Faces.Files;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Cli.Enhance;

/// <summary>Writes the pictures of faces into a folder as <c>{image}.face-{n}.png</c>. Subfolders are those of the images.</summary>
/// <param name="folder">The folder; created if it is missing.</param>
internal sealed class FacePictures(string folder)
{
    public static string NameOf(ImageResult image, int face) => $"{image.Name}.face-{face}.png";

    /// <summary>Where a face is in its image, for a table: its left and top edge, pixels.</summary>
    public static string PlaceOf(FaceBox box) => string.Create(CultureInfo.InvariantCulture, $"{box.X:0},{box.Y:0}");

    /// <summary>Writes the pictures of a batch on all cores.</summary>
    public Task WriteAsync(IReadOnlyList<ImageResult> batch, CancellationToken cancellation)
    {
        var pictures = batch.SelectMany(image => image.Faces.Select((face, i) => (Name: NameOf(image, i), face.Picture)));
        return Parallel.ForEachAsync(pictures, cancellation, async (picture, stop) =>
            await AtomicFile.WriteAsync(Path.Combine(folder, picture.Name), ImageEncoder.EncodePng(picture.Picture), durable: false, stop));
    }
}
