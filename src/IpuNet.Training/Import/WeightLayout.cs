using IpuNet.Faces.Networks;

namespace IpuNet.Training.Import;

/// <summary>Turns weights from the layout of TensorFlow into the layout of this project.</summary>
internal static class WeightLayout
{
    /// <summary>
    /// Turns a convolution [h, w, in, out] into [out, in, h, w], a depthwise one [h, w, c, m] into [c * m, 1, h, w], and a matrix
    /// [in, out] into [out, in].
    /// </summary>
    /// <param name="name">The name in TensorFlow. In a depthwise convolution, the last part begins with "depthwise".</param>
    /// <param name="tensor">The tensor as it is stored.</param>
    public static WeightTensor FromTensorFlow(string name, WeightTensor tensor)
    {
        IReadOnlyList<int> shape = tensor.Shape;
        bool depthwise = name[(name.LastIndexOf('/') + 1)..].StartsWith("depthwise", StringComparison.Ordinal);
        return shape.Count switch
        {
            4 when depthwise => Move(tensor, [shape[2] * shape[3], 1, shape[0], shape[1]], [2, 3, 0, 1]),
            4 => Move(tensor, [shape[3], shape[2], shape[0], shape[1]], [3, 2, 0, 1]),
            2 => Move(tensor, [shape[1], shape[0]], [1, 0]),
            _ => tensor,
        };
    }

    private static WeightTensor Move(WeightTensor tensor, int[] shape, int[] axes) => tensor.Bytes is { } bytes
        ? WeightTensor.FromBytes(shape, Transpose(bytes, tensor.Shape, axes), tensor.Scale, tensor.ZeroPoint)
        : WeightTensor.FromFloats(shape, Transpose(tensor.Floats!, tensor.Shape, axes));

    private static T[] Transpose<T>(T[] values, IReadOnlyList<int> shape, int[] axes)
    {
        var strides = new int[shape.Count];
        for (int axis = shape.Count - 1, stride = 1; axis >= 0; stride *= shape[axis--])
            strides[axis] = stride;

        var result = new T[values.Length];
        var index = new int[axes.Length];
        for (int i = 0, from = 0; i < result.Length; i++)
        {
            result[i] = values[from];
            for (int k = axes.Length - 1; k >= 0; k--)
            {
                from += strides[axes[k]];
                if (++index[k] < shape[axes[k]])
                    break;
                from -= index[k] * strides[axes[k]];
                index[k] = 0;
            }
        }

        return result;
    }
}
