namespace IpuNet.Faces.Networks;

/// <summary>
/// The values of one weight: floats, or 8-bit values with a scale and a zero point. An 8-bit value q means (q - zeroPoint) * scale.
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

    /// <summary>The shape, outermost dimension first.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>The values, row-major; null if the tensor is 8-bit.</summary>
    public float[]? Floats { get; }

    /// <summary>The 8-bit values, row-major; null if the tensor is float.</summary>
    public byte[]? Bytes { get; }

    /// <summary>Scale of the 8-bit values.</summary>
    public float Scale { get; }

    /// <summary>The 8-bit value that means 0.</summary>
    public byte ZeroPoint { get; }

    /// <summary>The number of values.</summary>
    public int Count => Floats?.Length ?? Bytes!.Length;

    /// <summary>Creates a tensor of floats.</summary>
    /// <exception cref="ArgumentException">The number of values does not fit the shape.</exception>
    public static WeightTensor FromFloats(int[] shape, float[] values)
    {
        Check(shape, values.Length);
        return new WeightTensor(shape, values, null, 1f, 0);
    }

    /// <summary>Creates a tensor of 8-bit values.</summary>
    /// <exception cref="ArgumentException">The number of values does not fit the shape.</exception>
    public static WeightTensor FromBytes(int[] shape, byte[] values, float scale, byte zeroPoint)
    {
        Check(shape, values.Length);
        return new WeightTensor(shape, null, values, scale, zeroPoint);
    }

    /// <summary>The values as floats. For a float tensor this is the array itself, not a copy.</summary>
    public float[] ToFloats() => Floats ?? Array.ConvertAll(Bytes!, q => (q - ZeroPoint) * Scale);

    private static void Check(int[] shape, int count)
    {
        ArgumentNullException.ThrowIfNull(shape);
        // An integer product could overflow for an invalid shape.
        double expected = shape.Aggregate(1.0, (product, n) => product * n);
        if (expected != count)
            throw new ArgumentException($"A tensor of shape [{string.Join(", ", shape)}] has {expected} values, not {count}.");
    }
}
