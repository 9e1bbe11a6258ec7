using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;

namespace IpuNet.Service.Reports;

/// <summary>An image as the report shows it.</summary>
/// <param name="Entry">Its result in the listing.</param>
/// <param name="Result">What the result says.</param>
/// <param name="Faces">Its faces with their pictures.</param>
internal sealed record ReportedImage(BatchEntry Entry, StoredResult Result, IReadOnlyList<ReportedFace> Faces)
{
    /// <summary>About how much memory it takes, bytes.</summary>
    public long Size => 2048 + Faces.Sum(face => 1024L + (face.Probe?.Data.Length ?? 0) + (face.Enhanced?.Data.Length ?? 0));
}

/// <summary>A face as the report shows it.</summary>
/// <param name="Answer">Whose it is.</param>
/// <param name="Probe">The face as the upload has it; null where the upload is no longer there.</param>
/// <param name="Enhanced">The super-resolved face; null where it was not enhanced.</param>
internal sealed record ReportedFace(FaceAnswer Answer, ReportPicture? Probe, ReportPicture? Enhanced);
