using IpuNet.Faces.Imaging;
using IpuNet.Service.Intake;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Retraining;

/// <summary>Whose image a blob of <see cref="StorageNames.Training"/> is, by its name.</summary>
/// <param name="Identity">Whose face it shows.</param>
/// <param name="IsFixed">Whether it is of the fixed evaluation set.</param>
internal sealed record TrainingImageName(string Identity, bool IsFixed)
{
    private const string FixedFolder = $"{StorageNames.FixedEvaluation}/";

    /// <summary>Takes a name apart.</summary>
    /// <param name="blob">The name, within the container.</param>
    /// <param name="category">Why it is no image's; "" where it is one's.</param>
    /// <returns>Null where it is no image's.</returns>
    public static TrainingImageName? Parse(string blob, out string category)
    {
        bool isFixed = blob.StartsWith(FixedFolder, StringComparison.Ordinal);
        string name = isFixed ? blob[FixedFolder.Length..] : blob;
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        category = slash <= 0 ? "identity"
            : UploadName.FaultOf(name) is not null || name.LastIndexOf('/') != slash ? "name"
            : ImageFiles.IsSideFile(name[(slash + 1)..]) ? "extension" : "";
        return category.Length == 0 ? new TrainingImageName(name[..slash], isFixed) : null;
    }
}
