using System.Numerics.Tensors;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Policies;

namespace IpuNet.Cli.Demo;

/// <summary>A photo of the demo.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Path">The file.</param>
/// <param name="Pixels">The photo at full size.</param>
internal sealed record DemoPhoto(int Number, string Path, RgbImage Pixels);

/// <summary>A person in the photos.</summary>
/// <param name="Id">The subject id: the first photo with the person, and the place in it.</param>
/// <param name="Faces">The person's faces, one for each photo.</param>
internal sealed record DemoPerson(string Id, List<DemoFace> Faces)
{
    /// <summary>The faces to enrol. Of a person in several photos, the last face is kept for the probes.</summary>
    public IReadOnlyList<DemoFace> Enrolled => Faces.Count > 1 ? Faces[..^1] : Faces;
}

/// <summary>A face in a photo that passes the enrolment gate.</summary>
internal sealed record DemoFace(DemoPhoto Photo, FaceResult Face)
{
    // Side of the picture to enrol, in sides of the aligned face.
    private const float Sides = 2f;

    /// <summary>The part of the photo around the face, as a user would crop it.</summary>
    public RgbImage Around()
    {
        int side = (int)MathF.Round(Sides * Face.SourceHeight);
        var middle = Face.Located.ToImage.Apply(new(FaceAligner.Size / 2f));
        return Photo.Pixels.Crop((int)(middle.X - side / 2f), (int)(middle.Y - side / 2f), side, side);
    }
}

/// <summary>Finds the people in the photos.</summary>
internal static class DemoPeople
{
    /// <summary>Finds the people. Two faces in different photos are one person's if their score reaches the policy's threshold.</summary>
    public static async Task<IReadOnlyList<DemoPerson>> FindAsync(
        IReadOnlyList<DemoPhoto> photos, PipelineModels models, RecognitionPolicy policy, CancellationToken cancellation)
    {
        var gate = new EnrolmentGate();
        var pipeline = new ImagePipeline(models, new() { Faces = FaceDetectionMode.Detect, Enhance = EnhanceChoice.Off });
        List<DemoPerson> people = [];
        var sources = photos.Select(photo => new PhotoSource(photo));
        await foreach (var batch in pipeline.RunAsync(sources, cancellation))
        {
            foreach (ImageResult<PhotoSource> image in batch)
            {
                // People in a photo are counted from left to right.
                foreach (FaceResult face in image.Faces.OrderBy(face => face.Box.X))
                {
                    if (gate.Judge([face.Located.ToEnrol()]).Accepted)
                        Add(people, new DemoFace(image.Source.Photo, face), policy);
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
        {
            int place = people.Count(person => person.Faces[0].Photo == face.Photo) + 1;
            people.Add(same = new DemoPerson($"photo {face.Photo.Number} person {place}", []));
        }

        same.Faces.Add(face);
    }

    private static float ScoreOf(DemoFace a, DemoFace b) => TensorPrimitives.Dot<float>(a.Face.Embedding, b.Face.Embedding);

    private sealed record PhotoSource(DemoPhoto Photo) : ImageSource(FromFile(Photo.Path));
}
