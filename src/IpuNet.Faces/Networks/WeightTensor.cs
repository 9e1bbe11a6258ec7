namespace IpuNet.Faces.Networks;

/// <summary>
/// One named weight: float values, or 8-bit values with the scale and zero point that turn them into floats,
/// value = (q - zeroPoint) * scale.
/// </summary>
public sealed record WeightTensor
{
    private WeightTensor(int[] shape, float[]? floats, byte[]? bytes, float scale, byte zeroPoint)
    {
        Shape = shape;
        Floats = floats;
        Bytes = bytes;
        Scale = scale;
        ZeroPoint = zeroPoint;
    }

    /// <summary>The shape, outermost first.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>The values, row-major; null where the tensor is 8-bit.</summary>
    public float[]? Floats { get; }

    /// <summary>The 8-bit values, row-major; null where the tensor is float.</summary>
    public byte[]? Bytes { get; }

    /// <summary>Scale of the 8-bit values.</summary>
    public float Scale { get; }

    /// <summary>The 8-bit value that means 0.</summary>
    public byte ZeroPoint { get; }

    /// <summary>How many values there are.</summary>
    public int Count => Floats?.Length ?? Bytes!.Length;

    /// <summary>A tensor of floats.</summary>
    /// <exception cref="ArgumentException">The number of values does not fit the shape.</exception>
    public static WeightTensor FromFloats(int[] shape, float[] values)
    {
        Check(shape, values.Length);
        return new WeightTensor(shape, values, null, 1f, 0);
    }

    /// <summary>A tensor of 8-bit values.</summary>
    /// <exception cref="ArgumentException">The number of values does not fit the shape.</exception>
    public static WeightTensor FromBytes(int[] shape, byte[] values, float scale, byte zeroPoint)
    {
        Check(shape, values.Length);
        return new WeightTensor(shape, null, values, scale, zeroPoint);
    }

    /// <summary>The values as floats (the array itself where the tensor is float).</summary>
    public float[] ToFloats() => Floats ?? Array.ConvertAll(Bytes!, q => (q - ZeroPoint) * Scale);

    private static void Check(int[] shape, int count)
    {
        ArgumentNullException.ThrowIfNull(shape);
        // In whole numbers a shape that is none could overflow.
        double expected = shape.Aggregate(1.0, (product, n) => product * n);
        if (expected != count)
            throw new ArgumentException($"A tensor of shape [{string.Join(", ", shape)}] has {expected} values, not {count}.");
    }
}
