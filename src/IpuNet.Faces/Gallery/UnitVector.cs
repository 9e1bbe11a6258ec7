using System.Globalization;
using System.Numerics.Tensors;
using IpuNet.Contract;

namespace IpuNet.Faces.Gallery;

/// <summary>Checks that a vector is finite and has length 1, so that a dot product is the cosine similarity.</summary>
internal static class UnitVector
{
    /// <summary>
    /// The greatest difference of a length from 1. Single precision is off by 1e-6. Some recognisers compute in half precision, which is
    /// off by 5e-4.
    /// </summary>
    public const float LengthTolerance = 1e-3f;

    /// <summary>Checks a vector.</summary>
    /// <exception cref="FaceDataException">The vector is empty, holds NaN or infinity, or does not have length 1.</exception>
    public static void Require(ReadOnlySpan<float> vector, string what)
    {
        var length = TensorPrimitives.Norm(vector);
        if (!(MathF.Abs(length - 1) <= LengthTolerance))
            throw new FaceDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"{what} is not a unit vector (its {vector.Length} numbers have length {length:G4}): embed the face again."));
    }
}
