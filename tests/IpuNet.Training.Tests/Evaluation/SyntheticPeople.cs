using System.Collections.Concurrent;
using System.Numerics.Tensors;
using IpuNet.Faces.Imaging;
using IpuNet.Training.Data;
using IpuNet.Training.Evaluation;

namespace IpuNet.Training.Tests.Evaluation;

/// <summary>
/// A folder of people to recognise: each is a pattern of 32 x 32 blocks of his own, and each image of him has light of its own
/// and some noise. Their recogniser looks at the blocks and ignores the light, which is all that is left in a tiny probe.
/// </summary>
internal sealed class SyntheticPeople : IDisposable
{
    private const int Size = 128, Blocks = 32, LightBlocks = 8;
    private const int Contrast = 90, Light = 30, Noise = 30, Grey = 128;
    private const int Remembered = 16;

    private readonly int _images;
    private readonly RgbImage[] _faces;
    private readonly ConcurrentDictionary<(int Width, int Height), RgbImage[]> _lowResolution = new();

    public SyntheticPeople(int people, int images, int seed = 3)
    {
        _images = images;
        var random = new Random(seed);
        _faces = [.. Enumerable.Range(0, people).Select(_ => Field(Blocks, Contrast, random))];
        for (int person = 0; person < people; person++)
        {
            Directory.CreateDirectory(Path.Combine(Root, Name(person)));
            for (int image = 1; image <= images; image++)
                File.WriteAllBytes(Image(person, image), ImageEncoder.EncodeJpeg(Photo(_faces[person], random), 95));
        }
    }

    public string Root { get; } = Directory.CreateTempSubdirectory().FullName;

    public static EvaluationAlignment Alignment => EvaluationAlignment.Fixed(null);

    public IReadOnlyList<TrainingFace> Faces =>
    [
        .. Enumerable.Range(0, _faces.Length).SelectMany(person => Enumerable.Range(1, _images).Select(
            image => new TrainingFace(Image(person, image), null, Name(person)))),
    ];

    public static string Name(int person) => $"P{person:000}";

    public string Image(int person, int image) => Path.Combine(Root, Name(person), $"{Name(person)}_{image:0000}.jpg");

    public static FacePipeline Pipeline { get; } = new("blocks@1", faces => [.. faces.Select(Embed)]);

    /// <summary>The recogniser behind a super-resolution that knows everybody's face and draws the one that fits best.</summary>
    public FacePipeline EnhancingPipeline => Pipeline with { Enhancer = "remembers@1", Enhance = faces => [.. faces.Select(Remember)] };

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private RgbImage Remember(RgbImage low)
    {
        (int width, int height) = (Math.Min(low.Width, Remembered), Math.Min(low.Height, Remembered));
        RgbImage[] known = _lowResolution.GetOrAdd(
            (width, height), _ => [.. _faces.Select(face => Resampler.Resize(face, width, height, ResampleFilter.Area))]);
        RgbImage seen = Resampler.Resize(low, width, height, ResampleFilter.Area);
        return _faces[Enumerable.Range(0, known.Length).MaxBy(i => ImageQuality.Psnr(known[i], seen))];
    }

    private static float[] Embed(RgbImage face)
    {
        RgbImage blocks = Resampler.Resize(face, Blocks, Blocks, ResampleFilter.Area);
        RgbImage light = Resampler.Resize(
            Resampler.Resize(blocks, LightBlocks, LightBlocks, ResampleFilter.Area), Blocks, Blocks, ResampleFilter.Area);
        float[] vector = [.. blocks.Pixels.Zip(light.Pixels, (b, l) => (float)(b - l))];
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector) + 1e-6f, vector);
        return vector;
    }

    private static RgbImage Photo(RgbImage face, Random random)
    {
        RgbImage light = Field(LightBlocks, Light, random);
        var photo = new RgbImage(Size, Size);
        for (int i = 0; i < photo.Pixels.Length; i++)
            photo.Pixels[i] = (byte)Math.Clamp(face.Pixels[i] + light.Pixels[i] - Grey + random.Next(-Noise, Noise + 1), 0, 255);
        return photo;
    }

    // Blocks of even random colour about grey.
    private static RgbImage Field(int blocks, int amplitude, Random random)
    {
        var field = new RgbImage(blocks, blocks);
        for (int i = 0; i < field.Pixels.Length; i++)
            field.Pixels[i] = (byte)(Grey + random.Next(-amplitude, amplitude + 1));
        return Resampler.Resize(field, Size, Size, ResampleFilter.Area);
    }
}
