using IpuNet.Training.Degradation;
using IpuNet.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace IpuNet.Training.Losses;

/// <summary>One way of looking at a batch of faces, drawn at random; the same look can be taken at several batches.</summary>
public sealed class RecogniserView
{
    private const int BlurRadius = 4;

    private readonly float[] _transforms;
    private readonly double _blur;
    private readonly double _noise;
    private readonly int _batch;

    /// <summary>Draws a look.</summary>
    /// <param name="options">How far it may go.</param>
    /// <param name="batch">Faces in a batch.</param>
    /// <param name="random">Draws.</param>
    public RecogniserView(ViewOptions options, int batch, Random random)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(random);
        _batch = batch;
        _transforms = new float[batch * 6];
        for (int i = 0; i < batch; i++)
        {
            double angle = Within(options.Rotation) * Math.PI / 180, scale = 1 + Within(options.Scale);
            // A similarity in the coordinates of affine_grid: the picture is [-1, 1], so a pixel of 128 is 2 / 128.
            double cos = Math.Cos(angle) * scale, sin = Math.Sin(angle) * scale;
            Span<float> t = _transforms.AsSpan(i * 6, 6);
            (t[0], t[1], t[2]) = ((float)cos, (float)-sin, (float)(Within(options.Shift) / 64));
            (t[3], t[4], t[5]) = ((float)sin, (float)cos, (float)(Within(options.Shift) / 64));
        }
        _blur = random.NextDouble() * options.Blur;
        _noise = random.NextDouble() * options.Noise;

        double Within(double range) => (random.NextDouble() * 2 - 1) * range;
    }

    /// <summary>Looks at faces.</summary>
    /// <param name="faces">[N, 3, 128, 128], 0-255.</param>
    /// <param name="size">Side of the recogniser's input in pixels.</param>
    /// <returns>[N, 3, size, size], 0-255.</returns>
    public Tensor Apply(Tensor faces, int size)
    {
        Tensor x = _blur > 0.3 ? Blur(faces, _blur) : faces;
        Tensor grid = functional.affine_grid(tensor(_transforms, [_batch, 2, 3]), [_batch, 3, size, size], align_corners: false);
        x = functional.grid_sample(x, grid, mode: GridSampleMode.Bilinear, padding_mode: GridSamplePaddingMode.Border, align_corners: false);
        return _noise > 0 ? x + randn_like(x) * RootedScalar.Of(_noise) : x;
    }

    private static Tensor Blur(Tensor x, double sigma)
    {
        Tensor kernel = tensor(GaussianBlur.Kernel(sigma, BlurRadius));
        long side = kernel.size(0);
        Tensor padded = functional.pad(x, [BlurRadius, BlurRadius, BlurRadius, BlurRadius], PaddingModes.Replicate);
        Tensor rows = functional.conv2d(padded, kernel.view(1, 1, 1, side).expand(3, 1, 1, side), groups: 3);
        return functional.conv2d(rows, kernel.view(1, 1, side, 1).expand(3, 1, side, 1), groups: 3);
    }
}
