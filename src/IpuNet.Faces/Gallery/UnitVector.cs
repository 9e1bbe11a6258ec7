using System.Globalization;
using System.Numerics.Tensors;
using IpuNet.Contract;

namespace IpuNet.Faces.Gallery;

/// <summary>The check that an embedding is what cosine similarity as a dot product needs: finite and of length 1.</summary>
internal static class UnitVector
{
    /// <summary>
    /// How far from 1 a length may be. Single precision is off by 1e-6; half precision, which some recognisers compute in, by 5e-4.
    /// </summary>
    public const float LengthTolerance = 1e-3f;

    /// <summary>Passes unit vectors.</summary>
    /// <exception cref="FaceDataException">The vector is empty, holds NaN or infinity, or is not of length 1.</exception>
    public static void Require(ReadOnlySpan<float> vector, string what)
    {
        var length = TensorPrimitives.Norm(vector);
        if (!(MathF.Abs(length - 1) <= LengthTolerance))
            throw new FaceDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"{what} is not a unit vector (its {vector.Length} numbers have length {length:G4}): embed the face again."));
    }
}
