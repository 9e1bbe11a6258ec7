using System.Numerics.Tensors;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;

namespace IpuNet.Faces.Tests.Gallery;

/// <summary>Artificial enrolled subjects for tests.</summary>
internal static class Enrolled
{
    public static readonly EmbeddingSource Source = new("dlib-resnet29@1", "dlib-chip-128@1");
    public static readonly EmbeddingSource OtherSource = new("facenet@2", "dlib-chip-128@1");
    public static readonly DateTimeOffset Morning = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    public static SubjectRecord Subject(string id, params float[][] vectors) =>
        new(id, [.. vectors.Select((vector, i) => Face($"{i}.jpg", vector))], Morning);

    public static SubjectRecord Subject(string id, int seed) => Subject(id, Vector(seed));

    public static SubjectEmbedding Face(string image, float[] vector, EmbeddingSource? source = null, DateTimeOffset? at = null) =>
        new(source ?? Source, vector, Provenance(image), at ?? Morning);

    public static SubjectEmbedding Face(string image, int seed = 1) => Face(image, Vector(seed));

    /// <summary>A unit vector in a random direction.</summary>
    public static float[] Vector(int seed, int dimensions = 8)
    {
        var random = new Random(seed);
        var vector = new float[dimensions];
        foreach (ref var x in vector.AsSpan())
            x = random.NextSingle() - 0.5f;
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm(vector), vector);
        return vector;
    }

    private static EnrolmentProvenance Provenance(string image) =>
        new(image, $"sha-of-{image}", new FaceBox(10, 20.5f, 64, 80), new EnrolmentQuality(80, 123.5f));
}
