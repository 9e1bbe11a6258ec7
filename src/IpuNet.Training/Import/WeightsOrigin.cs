using IpuNet.Faces.Models;

namespace IpuNet.Training.Import;

/// <summary>The origin of weights that others trained. Unknown parts are null.</summary>
/// <param name="Publisher">The publisher and release, such as "facenet-pytorch 20180402-114759".</param>
/// <param name="Source">The place of publication, such as an address.</param>
/// <param name="Licence">The licence.</param>
public sealed record WeightsOrigin(string? Publisher, string? Source, string? Licence)
{
    private const string Unknown = "not stated";

    /// <summary>The origin for a manifest, with the name and the checksum of the file.</summary>
    internal ModelOrigin Of(string path, ReadOnlySpan<byte> sha256) =>
        new(Publisher ?? Unknown, Path.GetFileName(path), Convert.ToHexStringLower(sha256), Source ?? Unknown);
}
