using System.Globalization;
using System.Text.Json;

namespace IpuNet.Contract;

/// <summary>The metadata of a result's blob. With it, a listing of the blobs is enough to report on a batch.</summary>
/// <param name="UploadETag">The ETag of the upload that the result is about. A later upload of the same name has another ETag.</param>
/// <param name="Status">The outcome of the image.</param>
/// <param name="Faces">The number of faces.</param>
/// <param name="Known">The number of faces of known subjects.</param>
public sealed record ResultMetadata(string UploadETag, ImageStatus Status, int Faces = 0, int Known = 0)
{
    /// <summary>The number of refused archive entries; 0 for an image.</summary>
    public int Refused { get; init; }

    /// <summary>The ETag of an upload that does not exist.</summary>
    public const string NoUpload = "none";

    private const string UploadETagKey = "uploadetag", StatusKey = "status", FacesKey = "faces", KnownKey = "known", RefusedKey = "refused";

    /// <summary>Writes the metadata.</summary>
    public IDictionary<string, string> ToDictionary() => new Dictionary<string, string>
    {
        [UploadETagKey] = UploadETag,
        [StatusKey] = NameOf(Status),
        [FacesKey] = Faces.ToString(CultureInfo.InvariantCulture),
        [KnownKey] = Known.ToString(CultureInfo.InvariantCulture),
        [RefusedKey] = Refused.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Whether the result is about this version of an upload.</summary>
    /// <param name="etag">The ETag, with quotation marks (as in headers) or without (as in listings).</param>
    public bool IsOf(string etag) => AreSame(UploadETag, etag);

    /// <summary>
    /// Whether two ETags are equal, each with quotation marks (as in headers) or without (as in listings).
    /// </summary>
    public static bool AreSame(string etag, string other) => etag.AsSpan().Trim('"').SequenceEqual(other.AsSpan().Trim('"'));

    /// <summary>The metadata of a blob that belongs to a result: the version of the upload.</summary>
    public static IDictionary<string, string> Of(string uploadETag) => new Dictionary<string, string> { [UploadETagKey] = uploadETag };

    /// <summary>The version of the upload that a blob belongs to; null if the blob does not state it.</summary>
    public static string? VersionOf(IDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return metadata.TryGetValue(UploadETagKey, out string? etag) ? etag : null;
    }

    /// <summary>Reads the metadata of a blob.</summary>
    /// <returns>Null if the blob is not a result.</returns>
    public static ResultMetadata? From(IDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return metadata.TryGetValue(StatusKey, out string? name) && StatusOf(name) is { } status
            ? new ResultMetadata(VersionOf(metadata) ?? "", status, Number(FacesKey), Number(KnownKey)) { Refused = Number(RefusedKey) }
            : null;

        int Number(string key) =>
            metadata.TryGetValue(key, out string? text)
                && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
    }

    /// <summary>The status as results write it.</summary>
    public static string NameOf(ImageStatus status) => JsonSerializer.Serialize(status).Trim('"');

    private static ImageStatus? StatusOf(string name) =>
        Enum.GetValues<ImageStatus>().Cast<ImageStatus?>().FirstOrDefault(status => NameOf(status!.Value) == name);
}
