using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using IpuNet.Training.Data;

namespace IpuNet.Retraining.Preparation;

/// <summary>
/// Parts people into those to learn from, those to calibrate thresholds on, and those to judge a new model by. Who belongs where depends on
/// the identity's name only: whoever is kept from one training is kept from all that follow, however the set grows.
/// </summary>
/// <param name="Training">Seven tenths of the people.</param>
/// <param name="Calibration">One tenth.</param>
/// <param name="HeldOut">Two tenths.</param>
public sealed record IdentitySplit(IReadOnlyList<TrainingFace> Training, IReadOnlyList<TrainingFace> Calibration, IReadOnlyList<TrainingFace> HeldOut)
{
    private const uint Parts = 10, CalibrationParts = 1, HeldOutParts = 2;

    /// <summary>Parts faces by their identities.</summary>
    /// <param name="faces">Faces with identities.</param>
    public static IdentitySplit Of(IReadOnlyList<TrainingFace> faces)
    {
        ArgumentNullException.ThrowIfNull(faces);
        ILookup<int, TrainingFace> parts = faces.ToLookup(face => PartOf(face.Identity!));
        return new IdentitySplit([.. parts[0]], [.. parts[1]], [.. parts[2]]);
    }

    private static int PartOf(string identity)
    {
        uint part = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(identity))) % Parts;
        return part < CalibrationParts ? 1 : part < CalibrationParts + HeldOutParts ? 2 : 0;
    }
}
