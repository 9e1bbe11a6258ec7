using System.Globalization;
using System.Text.Json;
using Azure;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Service.Recognition;

/// <summary>What a result's blob says of itself: a listing of a batch is enough to know how it went.</summary>
/// <param name="UploadETag">The upload that it is the result of; a later one of the same name is another.</param>
/// <param name="Status">What became of the image.</param>
/// <param name="Faces">How many faces it has.</param>
/// <param name="Known">How many of them are known.</param>
public sealed record ResultMetadata(string UploadETag, ImageStatus Status, int Faces = 0, int Known = 0)
{
    /// <summary>How many entries of an archive were refused; 0 for an image.</summary>
    public int Refused { get; init; }

    /// <summary>Stands for the ETag of an upload that was not there.</summary>
    public const string NoUpload = "none";

    private const string UploadETagKey = "uploadetag", StatusKey = "status", FacesKey = "faces", KnownKey = "known", RefusedKey = "refused";

    /// <summary>The written form.</summary>
    public IDictionary<string, string> ToDictionary() => new Dictionary<string, string>
    {
        [UploadETagKey] = UploadETag,
        [StatusKey] = NameOf(Status),
        [FacesKey] = Faces.ToString(CultureInfo.InvariantCulture),
        [KnownKey] = Known.ToString(CultureInfo.InvariantCulture),
        [RefusedKey] = Refused.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Whether it is about this version of an upload. Listings give ETags without the quotation marks that headers have.</summary>
    public bool IsOf(ETag upload) => AreSame(UploadETag, upload);

    internal static bool AreSame(string version, ETag upload) => version.AsSpan().Trim('"').SequenceEqual(upload.ToString().AsSpan().Trim('"'));

    /// <summary>The metadata of a blob that belongs to a result: which version of the upload it is of.</summary>
    internal static IDictionary<string, string> Of(string uploadETag) => new Dictionary<string, string> { [UploadETagKey] = uploadETag };

    /// <summary>Which version of an upload a blob is of; null where it does not say.</summary>
    internal static string? VersionOf(IDictionary<string, string> metadata) => metadata.TryGetValue(UploadETagKey, out string? etag) ? etag : null;

    /// <summary>Reads what a blob says.</summary>
    /// <returns>Null where the blob is no result.</returns>
    public static ResultMetadata? From(IDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return metadata.TryGetValue(StatusKey, out string? name) && StatusOf(name) is { } status
            ? new ResultMetadata(VersionOf(metadata) ?? "", status, Number(FacesKey), Number(KnownKey)) { Refused = Number(RefusedKey) }
            : null;

        int Number(string key) =>
            metadata.TryGetValue(key, out string? text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
    }

    /// <summary>A status as results spell it.</summary>
    public static string NameOf(ImageStatus status) => JsonSerializer.Serialize(status).Trim('"');

    private static ImageStatus? StatusOf(string name) =>
        Enum.GetValues<ImageStatus>().Cast<ImageStatus?>().FirstOrDefault(status => NameOf(status!.Value) == name);
}
