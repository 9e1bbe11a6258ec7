using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Training.Degradation;

namespace IpuNet.Training.Data;

/// <summary>
/// Makes the batches of a training a few steps ahead. The batch of a step depends on the seed and the step alone. So a resumed
/// training gets the same batches as an uninterrupted one.
/// </summary>
public sealed class BatchSource(AlignedFaces faces, DataOptions data, DegradationOptions degradation, int batch, int seed)
{
    private const int FaceBytes = FaceAligner.Size * FaceAligner.Size * RgbImage.Channels;

    private readonly FaceSize[] _sizes = [.. degradation.Sizes.Select(FaceSize.Parse)];
    private readonly EpochOrder _order = new(faces.Count, seed);

    /// <summary>The batches of the steps from <paramref name="step"/> to before <paramref name="end"/>, made in the background.</summary>
    public IAsyncEnumerable<TrainingBatch> From(int step, int end, CancellationToken cancellation = default) =>
        BatchesAhead.Make(Make, step, end, cancellation);

    /// <summary>The batch of one step.</summary>
    public TrainingBatch Make(int step)
    {
        var made = new TrainingBatch(step, new int[batch], new byte[batch * FaceBytes], new byte[batch * FaceBytes]);
        for (int i = 0; i < batch; i++)
        {
            long drawn = (long)step * batch + i;
            made.Indices[i] = _order[drawn];
            var random = SeededRandom.Create(seed, drawn);
            RgbImage target = faces[made.Indices[i]];
            if (data.Flip && random.Next(2) == 1)
                target = target.FlipHorizontally();
            if (data.Augmentation is { } augmentation)
                target = Augmentation.Apply(target, augmentation, random);
            LowResolution.ToInput(Degrade(target, random)).Pixels.CopyTo(made.Inputs, i * FaceBytes);
            target.Pixels.CopyTo(made.Targets, i * FaceBytes);
        }
        return made;
    }

    private RgbImage Degrade(RgbImage face, Random random)
    {
        FaceSize size = _sizes[random.Next(_sizes.Length)];
        return degradation.Camera is { } camera && random.NextDouble() < camera.Probability
            ? LowResolution.MakeAsCamera(face, size, camera, random)
            : LowResolution.Make(face, size);
    }
}

/// <summary>The faces of one step, as bytes.</summary>
/// <param name="Step">The step, counted from 0.</param>
/// <param name="Indices">Indices of the faces in the set.</param>
/// <param name="Inputs">Input of the network: low-resolution faces, resized bicubically, [N, 128, 128, 3], RGB.</param>
/// <param name="Targets">The aligned faces that the inputs were made from, [N, 128, 128, 3], RGB.</param>
public sealed record TrainingBatch(int Step, int[] Indices, byte[] Inputs, byte[] Targets);
