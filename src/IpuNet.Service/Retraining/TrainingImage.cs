namespace IpuNet.Service.Retraining;

/// <summary>An image for a training, on this machine.</summary>
/// <param name="Identity">Whose face it shows.</param>
/// <param name="Blob">Its name in storage.</param>
/// <param name="Path">Its file; the name says nothing about whom it shows.</param>
/// <param name="Sha256">SHA-256 of the file, lower-case hexadecimal.</param>
/// <param name="IsFixed">Whether it is of the fixed evaluation set, from which nothing is learnt.</param>
public sealed record TrainingImage(string Identity, string Blob, string Path, string Sha256, bool IsFixed);

/// <summary>The images for a training.</summary>
/// <param name="Images">The images, by <see cref="TrainingImage.Blob"/> in ordinal order.</param>
/// <param name="Refused">How many blobs are not among them, by category: "identity", "name", "extension", "size", "checksum".</param>
public sealed record TrainingImageSet(IReadOnlyList<TrainingImage> Images, IReadOnlyDictionary<string, int> Refused)
{
    /// <summary>How many pictures of people who have no images any more were removed from the pages about earlier trainings.</summary>
    public int StripsRemoved { get; init; }
}

/// <summary>How far the images are brought here.</summary>
/// <param name="Done">How many are here, those that were here before among them.</param>
/// <param name="Total">How many there are.</param>
/// <param name="Downloaded">How many were downloaded.</param>
public readonly record struct TrainingSync(int Done, int Total, int Downloaded);
