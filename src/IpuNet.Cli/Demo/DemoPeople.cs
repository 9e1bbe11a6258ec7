using System.Globalization;
using System.Numerics.Tensors;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Policies;

namespace IpuNet.Cli.Demo;

/// <summary>A person in the photos.</summary>
/// <param name="Id">The subject id: the first photo with the person, and the place in it.</param>
/// <param name="Faces">The person's faces, one for each photo.</param>
internal sealed record DemoPerson(string Id, List<DemoFace> Faces);

/// <summary>A face in a photo that passes the enrolment gate.</summary>
internal sealed record DemoFace(int Photo, string Sha256, FaceResult Face, EnrolmentQuality Quality);

/// <summary>Finds the people in the photos.</summary>
internal static class DemoPeople
{
    /// <summary>Finds the people. Two faces in different photos are one person's if their score reaches the policy's threshold.</summary>
    public static async Task<IReadOnlyList<DemoPerson>> FindAsync(
        IReadOnlyList<string> photos, PipelineModels models, RecognitionPolicy policy, CancellationToken cancellation)
    {
        var gate = new EnrolmentGate();
        var pipeline = new ImagePipeline(models, new() { Faces = FaceDetectionMode.Detect, Enhance = EnhanceChoice.Off });
        List<DemoPerson> people = [];
        int photo = 0;
        await foreach (var batch in pipeline.RunAsync(photos.Select(path => ImageSource.FromFile(path)), cancellation))
        {
            foreach (ImageResult image in batch)
            {
                photo++;
                // People in a photo are counted from left to right.
                foreach (FaceResult face in image.Faces.OrderBy(face => face.Box.X))
                {
                    EnrolmentVerdict verdict = gate.Judge(1, face.SourceHeight, face.Aligned);
                    if (verdict.Accepted)
                        Add(people, new DemoFace(photo, image.Sha256!, face, verdict.Quality), policy);
                }
            }
        }

        return people;
    }

    private static void Add(List<DemoPerson> people, DemoFace face, RecognitionPolicy policy)
    {
        float threshold = policy.For(face.Face.SourceHeight).ThresholdFor(enhanced: false);
        DemoPerson? same = people
            .Where(person => person.Faces.TrueForAll(other => other.Photo != face.Photo))
            .Select(person => (Person: person, Score: person.Faces.Max(other => ScoreOf(other, face))))
            .Where(candidate => candidate.Score >= threshold)
            .OrderByDescending(candidate => candidate.Score)
            .Select(candidate => candidate.Person)
            .FirstOrDefault();
        if (same is null)
            people.Add(
                same = new DemoPerson($"photo {face.Photo} person {people.Count(person => person.Faces[0].Photo == face.Photo) + 1}", []));
        same.Faces.Add(face);
    }

    private static float ScoreOf(DemoFace a, DemoFace b) => TensorPrimitives.Dot<float>(a.Face.Embedding, b.Face.Embedding);
}

/// <summary>A small picture of an enrolled person, as a distant camera would take it.</summary>
/// <param name="Person">The person.</param>
/// <param name="Face">The enrolled face that the probe was made from.</param>
/// <param name="View">Number of the view of this face, from 0.</param>
/// <param name="Size">Side of the probe, pixels.</param>
/// <param name="Picture">The picture.</param>
internal sealed record DemoProbe(DemoPerson Person, DemoFace Face, int View, int Size, RgbImage Picture)
{
    // Maximum error of a probe's crop in place and size, in pixels of 128. Detected in the mirrored photo at half its size, these faces
    // have a median error of 1.5 px.
    private const int Jitter = 2;

    // Twenty faces alone would be too few for stable figures.
    private const int Views = 4;

    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Person.Id}, photo {Face.Photo}, {Size} px, view {View + 1}");

    public string FileName => $"{Name}.png";

    public byte[] File => ImageEncoder.EncodePng(Picture);

    /// <summary>
    /// Makes probes from each of a person's faces: mirrored, cropped some pixels off, and averaged down. No probe is the enrolled picture.
    /// </summary>
    public static IEnumerable<DemoProbe> Of(DemoPerson person, int size)
    {
        foreach (DemoFace face in person.Faces)
        {
            // The seed depends on the picture, so every run of the demo makes the same probes.
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

/// <summary>The answer for a probe.</summary>
/// <param name="Picture">The probe as recognised, 128x128 px.</param>
/// <param name="Face">The answer.</param>
internal sealed record DemoAnswer(RgbImage Picture, FaceAnswer Face);

/// <summary>A probe with the answers without and with super-resolution.</summary>
internal sealed record DemoOutcome(DemoProbe Probe, DemoAnswer Off, DemoAnswer On);
