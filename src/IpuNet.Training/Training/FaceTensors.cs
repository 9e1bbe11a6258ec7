using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Training.Torch;
using static TorchSharp.torch;

namespace IpuNet.Training.Training;

/// <summary>Turns faces into tensors and back.</summary>
internal static class FaceTensors
{
    /// <summary>
    /// Turns bytes [N, size, size, 3] into floats [N, 3, size, size], 0-255. In memory the channels stay last, which makes convolutions
    /// faster.
    /// </summary>
    public static Tensor FromBytes(byte[] pixels, int count, int size = FaceAligner.Size) =>
        tensor(
            pixels, [count, size, size, RgbImage.Channels],
            dtype: ScalarType.Byte).to(ScalarType.Float32).permute(0, 3, 1, 2);

    /// <summary>Turns images of 128 x 128 px into floats [N, 3, 128, 128], 0-255.</summary>
    public static Tensor FromImages(IReadOnlyList<RgbImage> images)
    {
        byte[] pixels = [.. images.SelectMany(i => i.Pixels)];
        return FromBytes(pixels, images.Count);
    }

    /// <summary>Turns [N, 3, H, W] into images. Values are rounded and limited to 0-255.</summary>
    public static IReadOnlyList<RgbImage> ToImages(Tensor faces)
    {
        using var scope = NewDisposeScope();
        Tensor bytes = faces.detach().round().clamp(
            RootedScalar.Of(0), RootedScalar.Of(255)).to(ScalarType.Byte).permute(0, 2, 3, 1).contiguous();
        byte[] all = bytes.bytes.ToArray();
        int height = (int)faces.size(2), width = (int)faces.size(3), size = height * width * RgbImage.Channels;
        return [.. Enumerable.Range(0, (int)faces.size(0)).Select(i => new RgbImage(width, height, all[(i * size)..((i + 1) * size)]))];
    }
}
