using System.Globalization;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Cli.Demo;

/// <summary>A small picture of somebody who is enrolled, as a camera far away would give it.</summary>
/// <param name="Person">Who it is.</param>
/// <param name="Face">Their enrolled face that it was made of.</param>
/// <param name="View">Which of the face's views it is, from 0.</param>
/// <param name="Size">Its side, pixels.</param>
/// <param name="Picture">The picture.</param>
internal sealed record DemoProbe(DemoPerson Person, DemoFace Face, int View, int Size, RgbImage Picture)
{
    // By how many of 128 px a probe's crop is off at most, in place and in size. Found anew in the mirrored photo at half its size, the
    // crops of these faces are off by 1.5 px (median).
    private const int Jitter = 2;

    // Twenty faces alone would leave the figures to chance.
    private const int Views = 4;

    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Person.Id}, photo {Face.Photo}, {Size} px, view {View + 1}");

    public string FileName => $"{Name}.png";

    public byte[] File => ImageEncoder.EncodePng(Picture);

    /// <summary>
    /// Some probes of each of a person's faces: mirrored, and with the crop off by some pixels, so that none is the enrolled picture, then
    /// averaged down.
    /// </summary>
    public static IEnumerable<DemoProbe> Of(DemoPerson person, int size)
    {
        foreach (DemoFace face in person.Faces)
        {
            // Drawn from the picture, so that the demo shows the same every time.
            var random = new Random(Convert.ToInt32(face.Sha256[..7], 16) + (int)face.Face.Box.X);
            RgbImage mirrored = face.Face.Aligned.FlipHorizontally();
            for (int view = 0; view < Views; view++)
            {
                int side = mirrored.Width + random.Next(-Jitter, Jitter + 1);
                RgbImage other = mirrored.Crop(random.Next(-Jitter, Jitter + 1), random.Next(-Jitter, Jitter + 1), side, side);
                yield return new DemoProbe(person, face, view, size, Resampler.Resize(other, size, size, ResampleFilter.Area));
            }
        }
    }
}

/// <summary>What was answered for a probe.</summary>
/// <param name="Picture">The probe as it was recognised, 128x128 px.</param>
/// <param name="Face">The answer.</param>
internal sealed record DemoAnswer(RgbImage Picture, FaceAnswer Face);

/// <summary>A probe with what was answered without and with super-resolution.</summary>
internal sealed record DemoOutcome(DemoProbe Probe, DemoAnswer Off, DemoAnswer On);
