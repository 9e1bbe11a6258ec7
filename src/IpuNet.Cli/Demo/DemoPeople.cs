using System.Numerics.Tensors;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Recognition;

namespace IpuNet.Cli.Demo;

/// <summary>A person of the photos.</summary>
/// <param name="Id">Their name in the gallery, by where they are seen first.</param>
/// <param name="Faces">Their faces, one a photo, with where each is from.</param>
internal sealed record DemoPerson(string Id, List<DemoFace> Faces);

/// <summary>A face of a photo, fit to be enrolled.</summary>
internal sealed record DemoFace(int Photo, string Sha256, FaceResult Face, EnrolmentQuality Quality);

/// <summary>Finds out who is in the photos.</summary>
internal static class DemoPeople
{
    /// <summary>Finds the people. A face like one of another photo, by the policy's threshold, is of the same person.</summary>
    public static async Task<IReadOnlyList<DemoPerson>> FindAsync(
        IReadOnlyList<string> photos, PipelineModels models, RecognitionPolicy policy, CancellationToken cancellation)
    {
        var gate = new EnrolmentGate();
        var pipeline = new ImagePipeline(models, new() { Faces = FaceFinding.Detect, Enhance = EnhanceChoice.Off });
        List<DemoPerson> people = [];
        int photo = 0;
        await foreach (var batch in pipeline.RunAsync(photos.Select(path => ImageSource.FromFile(path)), cancellation))
        {
            foreach (ImageResult image in batch)
            {
                photo++;
                // Left to right, as one counts people in a photo.
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
            .Select(person => (Person: person, Score: person.Faces.Max(other => TensorPrimitives.Dot<float>(other.Face.Embedding, face.Face.Embedding))))
            .Where(candidate => candidate.Score >= threshold)
            .OrderByDescending(candidate => candidate.Score)
            .Select(candidate => candidate.Person)
            .FirstOrDefault();
        if (same is null)
            people.Add(same = new DemoPerson($"photo {face.Photo} person {people.Count(person => person.Faces[0].Photo == face.Photo) + 1}", []));
        same.Faces.Add(face);
    }
}
