using IpuNet.Faces.Files;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Cli.Enhance;

/// <summary>Writes the pictures of faces into a folder: <c>{image}.face-{n}.png</c>, in subfolders as the images were.</summary>
/// <param name="folder">The folder; made where it is missing.</param>
internal sealed class FacePictures(string folder)
{
    public static string NameOf(ImageResult image, int face) => $"{image.Name}.face-{face}.png";

    /// <summary>Writes the pictures of a batch, on all cores, each whole.</summary>
    public Task WriteAsync(IReadOnlyList<ImageResult> batch, CancellationToken cancellation)
    {
        var pictures = batch.SelectMany(image => image.Faces.Select((face, i) => (Name: NameOf(image, i), face.Picture)));
        return Parallel.ForEachAsync(pictures, cancellation, async (picture, stop) =>
            await WholeFile.WriteAsync(Path.Combine(folder, picture.Name), ImageEncoder.EncodePng(picture.Picture), durable: false, stop));
    }
}
