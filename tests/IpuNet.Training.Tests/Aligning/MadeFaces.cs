using System.Numerics;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Training.Aligning;
using IpuNet.Training.Data;

namespace IpuNet.Training.Tests.Aligning;

/// <summary>A folder of photos with a drawn face each: a bright head with dark eyes and a red mouth, at known places.</summary>
internal sealed class MadeFaces : IDisposable
{
    public const int PhotoSize = 160, Side = 80;

    public MadeFaces(int photos = 8)
    {
        Files = [.. Enumerable.Range(0, photos).Select(i => new TrainingFace(Path.Combine(Root, $"{i}.png"), null, null))];
        for (int i = 0; i < photos; i++)
            File.WriteAllBytes(Files[i].Path, ImageEncoder.EncodePng(Photo(i)));
        Photos = LabelledPhotos.Load(Files, [.. Files.Select(_ => Label)], memory: 1 << 24);
    }

    /// <summary>The label of every photo.</summary>
    public static FaceLabel Label { get; } = new(
        new SimilarityTransform((float)Side / FaceAligner.Size, 0, new Vector2((PhotoSize - Side) / 2f)), IsAlone: true);

    public string Root { get; } = Directory.CreateTempSubdirectory("ipunet-aligning-").FullName;

    public IReadOnlyList<TrainingFace> Files { get; }

    public LabelledPhotos Photos { get; }

    public string Run(string name) => Path.Combine(Root, "runs", name);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>The photo of a face in the middle, with the points of <see cref="FaceAlignment.Points"/> as marks.</summary>
    /// <param name="number">The number of the photo. It decides the colours.</param>
    public static RgbImage Photo(int number)
    {
        var photo = new RgbImage(PhotoSize, PhotoSize);
        var random = new Random(number);
        byte ground = (byte)random.Next(20, 90), skin = (byte)random.Next(170, 230);
        for (int y = 0; y < PhotoSize; y++)
        {
            for (int x = 0; x < PhotoSize; x++)
            {
                var at = (new Vector2(x + 0.5f, y + 0.5f) - new Vector2(PhotoSize / 2f)) / Side;
                (byte, byte, byte) colour = Near(at, 0) || Near(at, 1) ? ((byte)0, (byte)0, (byte)60)
                    : Near(at, 3) || Near(at, 4) || Near(at, 2) ? ((byte)230, (byte)0, (byte)0)
                    : (at.X * at.X / 0.16f + at.Y * at.Y / 0.25f < 1) ? (skin, skin, (byte)(skin - 30))
                    : (ground, ground, ground);
                Span<byte> pixel = photo.Row(y).Slice(x * RgbImage.Channels, RgbImage.Channels);
                (pixel[0], pixel[1], pixel[2]) = colour;
            }
        }

        return photo;
    }

    private static bool Near(Vector2 at, int point) => Vector2.Distance(at, FaceAlignment.Points[point]) < 0.07f;
}
