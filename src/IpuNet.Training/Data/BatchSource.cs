using System.Runtime.CompilerServices;
using System.Threading.Channels;
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
    private const int Ahead = 4;
    private const int FaceBytes = FaceAligner.Size * FaceAligner.Size * RgbImage.Channels;

    private readonly FaceSize[] _sizes = [.. degradation.Sizes.Select(FaceSize.Parse)];
    private (int Epoch, int[] Order) _epoch = (-1, []);

    /// <summary>The batches of the steps from <paramref name="step"/> to before <paramref name="end"/>, made in the background.</summary>
    public async IAsyncEnumerable<TrainingBatch> From(int step, int end, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var channel = Channel.CreateBounded<TrainingBatch>(Ahead);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task producer = Task.Run(async () =>
        {
            try
            {
                for (int s = step; s < end; s++)
                    await channel.Writer.WriteAsync(Make(s), stop.Token);
                channel.Writer.Complete();
            }
            catch (Exception e)
            {
                channel.Writer.Complete(e);
            }
        }, CancellationToken.None);
        try
        {
            await foreach (var made in channel.Reader.ReadAllAsync(cancellation))
            {
                // A cancelled channel still returns the batches that it holds.
                cancellation.ThrowIfCancellationRequested();
                yield return made;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await producer;
        }
    }

    /// <summary>The batch of one step.</summary>
    public TrainingBatch Make(int step)
    {
        var made = new TrainingBatch(step, new int[batch], new byte[batch * FaceBytes], new byte[batch * FaceBytes]);
        for (int i = 0; i < batch; i++)
        {
            long drawn = (long)step * batch + i;
            made.Indices[i] = OrderOf((int)(drawn / faces.Count))[drawn % faces.Count];
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

    // Each epoch draws every face once, in a new order.
    private int[] OrderOf(int epoch)
    {
        if (_epoch.Epoch != epoch)
        {
            int[] order = [.. Enumerable.Range(0, faces.Count)];
            new Random(seed + epoch).Shuffle(order);
            _epoch = (epoch, order);
        }
        return _epoch.Order;
    }
}

/// <summary>The faces of one step, as bytes.</summary>
/// <param name="Step">The step, counted from 0.</param>
/// <param name="Indices">Indices of the faces in the set.</param>
/// <param name="Inputs">Input of the network: low-resolution faces, resized bicubically, [N, 128, 128, 3], RGB.</param>
/// <param name="Targets">The aligned faces that the inputs were made from, [N, 128, 128, 3], RGB.</param>
public sealed record TrainingBatch(int Step, int[] Indices, byte[] Inputs, byte[] Targets);
