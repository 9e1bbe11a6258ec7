using System.Globalization;
using System.Numerics;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;

namespace IpuNet.Cli.Demo;

/// <summary>A whole photo as a distant camera would take it: small, blurred, noisy and compressed.</summary>
/// <param name="Photo">The photo.</param>
/// <param name="Height">Height of its faces in the picture, in pixels: the median.</param>
/// <param name="View">Number of the view of this photo, from 0.</param>
/// <param name="File">The picture, a JPEG.</param>
/// <param name="Targets">The people in it.</param>
internal sealed record DemoScene(DemoPhoto Photo, int Height, int View, byte[] File, IReadOnlyList<DemoTarget> Targets)
{
    /// <summary>The number of views of each photo. A few faces alone would be too few for stable figures.</summary>
    public const int Views = 3;

    // Of a cheap camera: in small pixels, on the scale 0-255, and of 100.
    private const double Blur = 0.5, Noise = 2;
    private const int Quality = 85;

    public string Name => string.Create(CultureInfo.InvariantCulture, $"photo {Photo.Number}, {Height} px, view {View + 1}");

    public string FileName => $"{Name}.jpg";

    /// <summary>Makes the views of a photo.</summary>
    /// <param name="photo">The photo.</param>
    /// <param name="people">All people.</param>
    /// <param name="height">Height of the faces, in pixels.</param>
    public static IEnumerable<DemoScene> Of(DemoPhoto photo, IReadOnlyList<DemoPerson> people, int height)
    {
        (DemoPerson Person, DemoFace Face)[] shown =
        [
            .. people.SelectMany(person => person.Faces, (person, face) => (person, face)).Where(pair => pair.face.Photo == photo),
        ];
        if (shown is [])
            return [];
        float[] heights = [.. shown.Select(pair => pair.Face.Face.SourceHeight).Order()];
        double scale = Math.Min(1, height / heights[heights.Length / 2]);
        return Enumerable.Range(0, Views).Select(view =>
        {
            // The views begin at another part of a small pixel. Every run of the demo makes the same ones.
            var random = new Random(photo.Number * Views + view);
            int most = (int)(1 / scale), left = random.Next(most), top = random.Next(most);
            RgbImage part = photo.Pixels.Crop(left, top, photo.Pixels.Width - left, photo.Pixels.Height - top);
            RgbImage small = CameraEffects.Shrink(part, scale, Blur);
            CameraEffects.AddNoise(small, Noise, random);
            var by = new Vector2((float)small.Width / part.Width, (float)small.Height / part.Height);
            DemoTarget[] targets =
            [
                .. shown.Select(pair => new DemoTarget(
                    pair.Person, pair.Face, (MiddleOf(pair.Face) - new Vector2(left, top)) * by, pair.Face.Face.SourceHeight * by.Y)),
            ];
            return new DemoScene(photo, height, view, ImageEncoder.EncodeJpeg(small, Quality), targets);
        });
    }

    private static Vector2 MiddleOf(DemoFace face) => face.Face.Located.ToImage.Apply(new Vector2(FaceAligner.Size / 2f));
}

/// <summary>A person in a scene.</summary>
/// <param name="Person">The person.</param>
/// <param name="Face">The face in the photo at full size.</param>
/// <param name="Middle">Where the middle of the aligned face is, in pixels of the scene.</param>
/// <param name="Side">Side of the aligned face, in pixels of the scene.</param>
internal sealed record DemoTarget(DemoPerson Person, DemoFace Face, Vector2 Middle, float Side)
{
    /// <summary>Whether the gallery has the person by another photo, and not by this one.</summary>
    public bool IsFromAnotherPhoto => !Person.Enrolled.Contains(Face);

    /// <summary>Whether a face that was found is this one.</summary>
    public bool IsAt(FaceBox box) => Vector2.Distance(new Vector2(box.X + box.Width / 2, box.Y + box.Height / 2), Middle) < Side / 2;
}

/// <summary>A face that was found in a scene.</summary>
/// <param name="Picture">The face as recognised, 128x128 px.</param>
/// <param name="Face">The answer.</param>
internal sealed record DemoAnswer(RgbImage Picture, FaceAnswer Face);

/// <summary>A person in a scene with the answers without and with super-resolution; null if the face was not found.</summary>
internal sealed record DemoOutcome(DemoScene Scene, DemoTarget Target, DemoAnswer? Off, DemoAnswer? On);
