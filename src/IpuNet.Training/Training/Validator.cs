using System.Numerics.Tensors;
using IpuNet.Faces.Imaging;
using IpuNet.Training.Data;
using IpuNet.Training.Degradation;
using IpuNet.Training.Evaluation.Metrics;
using IpuNet.Training.Experiments;
using IpuNet.Training.Losses;
using IpuNet.Training.Torch;
using static TorchSharp.torch;

namespace IpuNet.Training.Training;

/// <summary>Checks a U-Net on people that training does not see: low-resolution probes against original gallery images.</summary>
internal sealed class Validator
{
    private const int Batch = 32;
    private const int ImpostorsEach = 3;

    private readonly ValidationOptions _options;
    private readonly FrozenRecogniser _recogniser;
    private readonly RgbImage[] _probes;
    private readonly float[][] _probeEmbeddings;
    private readonly float[][] _galleryEmbeddings;
    private readonly Dictionary<int, (double Accuracy, double Psnr)> _bicubic = [];

    public Validator(ValidationOptions options, FaceSplit split, FrozenRecogniser recogniser)
    {
        _options = options;
        _recogniser = recogniser;
        _probes = [.. split.Validation.Select(p => p.Probe.Load())];
        _probeEmbeddings = Embed(_probes);
        _galleryEmbeddings = Embed([.. split.Validation.Select(p => p.Gallery.Load())]);
        foreach (int size in options.Sizes)
        {
            RgbImage[] inputs = Inputs(size);
            _bicubic[size] = (Accuracy(Embed(inputs)), Psnr(inputs));
        }
    }

    /// <summary>Runs the check.</summary>
    /// <param name="state">The run; its averaged weights are checked.</param>
    /// <param name="pictures">Where the picture grid goes: for each face and size a row of input, result and original.</param>
    public ValidationResult Run(TrainingState state, string pictures)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TorchWeights averaged = TorchWeights.Load(state.Network, state.AveragedWeights(), trainable: false);
        var operations = new TorchOperations(averaged);
        var rows = new List<ValidationRow>();
        var tiles = new List<IReadOnlyList<RgbImage>>();
        foreach (int size in _options.Sizes)
        {
            RgbImage[] inputs = Inputs(size);
            RgbImage[] results = [.. inputs.Chunk(Batch).SelectMany(chunk =>
            {
                using var inner = NewDisposeScope();
                return FaceTensors.ToImages(state.Network.Forward(operations, FaceTensors.FromImages(chunk))[0]);
            })];
            float[][] embeddings = Embed(results);
            rows.Add(new ValidationRow(
                size, Accuracy(embeddings), _bicubic[size].Accuracy, Psnr(results), _bicubic[size].Psnr,
                embeddings.Zip(_probeEmbeddings, (a, b) => (double)TensorPrimitives.Dot<float>(a, b)).Average()));
            tiles.Add(inputs);
            tiles.Add(results);
        }
        tiles.Add(_probes);
        int shown = Math.Min(_options.Pictures, _probes.Length);
        File.WriteAllBytes(pictures, ImageEncoder.EncodePng(FaceTile.Compose([.. tiles.SelectMany(row => row.Take(shown))], shown, gap: 2)));
        return new ValidationResult(state.Step, rows);
    }

    private RgbImage[] Inputs(int size) =>
        [.. _probes.Select(p => LowResolution.ToInput(LowResolution.Make(p, new FaceSize(size, size))))];

    private float[][] Embed(RgbImage[] faces) => RecogniserEmbeddings.Embed(_recogniser, faces);

    private double Psnr(RgbImage[] faces) => faces.Zip(_probes, ImageQuality.Psnr).Average();

    // A person's own gallery image is genuine, those of the next few people are impostors; both kinds weigh the same.
    private double Accuracy(float[][] probes)
    {
        int n = probes.Length;
        float[] genuine = [.. Enumerable.Range(0, n).Select(i => TensorPrimitives.Dot<float>(probes[i], _galleryEmbeddings[i]))];
        float[] impostor = [.. Enumerable.Range(0, n).SelectMany(i => Enumerable.Range(1, Math.Min(ImpostorsEach, n - 1)), (i, d) => TensorPrimitives.Dot<float>(probes[i], _galleryEmbeddings[(i + d) % n]))];
        return RocCurve.From(genuine, impostor).Corners().Max(c => (c.Tar + 1 - c.Far) / 2);
    }
}
