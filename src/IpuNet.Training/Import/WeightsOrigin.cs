using IpuNet.Faces.Models;

namespace IpuNet.Training.Import;

/// <summary>What is said of weights that others trained; null where it is not known.</summary>
/// <param name="Publisher">Who published them, such as "facenet-pytorch 20180402-114759".</param>
/// <param name="Source">Where they were published.</param>
/// <param name="Licence">Their licence.</param>
public sealed record WeightsOrigin(string? Publisher, string? Source, string? Licence)
{
    private const string Unknown = "not stated";

    /// <summary>The same for a manifest, with the checksum of the file.</summary>
    internal ModelOrigin Of(string path, ReadOnlySpan<byte> sha256) => new(Publisher ?? Unknown, Path.GetFileName(path), Convert.ToHexStringLower(sha256), Source ?? Unknown);
}
